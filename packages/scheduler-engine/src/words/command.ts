import type { Instant, Watts } from "@ertis/quantities";
import type { Account } from "./account.ts";
import type { AttemptKey, Observation } from "./attempt.ts";
import type { Curtailment } from "./curtailment.ts";
import type { JobNumber, JobSpec } from "./job-spec.ts";

/** Who asks. `mayActForOthers`: an operator, who may also cancel other people's jobs. */
export interface Caller {
  readonly person: string;
  readonly mayActForOthers: boolean;
}

export interface SubmitItem {
  /** UUID in lower case, chosen by the client before its first try: one id, one job. */
  readonly requestId: string;
  /** Hash of the item as sent, below 2^53; the same id with another hash is refused. */
  readonly bodyHash: number;
  readonly spec: JobSpec;
}

export interface SubmitJobs {
  readonly kind: "submit-jobs";
  readonly at: Instant;
  readonly owner: string;
  readonly items: readonly SubmitItem[];
}

export interface ChangeJobs {
  readonly kind: "cancel-jobs" | "hold-jobs" | "release-jobs";
  readonly at: Instant;
  readonly by: Caller;
  readonly jobs: readonly JobNumber[];
  readonly reason: string;
}

export interface Report {
  readonly kind: "report";
  readonly at: Instant;
  readonly site: string;
  readonly observations: readonly Observation[];
}

export interface ChangeNodes {
  readonly kind: "cordon-nodes" | "uncordon-nodes" | "confirm-power-off";
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly site: string;
  readonly nodes: readonly number[];
}

/** What happens to the jobs that still run on a drained node at its deadline. */
export type DrainAction = "requeue" | "cancel" | "wait";

export interface DrainNodes {
  readonly kind: "drain-nodes";
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly site: string;
  readonly nodes: readonly number[];
  readonly deadline: Instant;
  readonly thenDo: DrainAction;
}

/** A ceiling on a domain over [from, until); overlapping budgets act by their minimum. */
export interface PowerBudget {
  /** Unique in the scheduler; setting the same id again replaces it. */
  readonly id: string;
  readonly site: string;
  /** Id of the domain, its full path. */
  readonly domain: string;
  readonly ceiling: Watts;
  readonly from: Instant;
  /** Absent: until removed. */
  readonly until?: Instant;
  readonly reason: string;
  readonly setBy: string;
}

export interface SetBudget {
  readonly kind: "set-budget";
  readonly at: Instant;
  readonly budget: PowerBudget;
}

export interface RemoveBudget {
  readonly kind: "remove-budget";
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly id: string;
}

/**
 * The description of a site, as text, so that a history needs no file beside it. The first one
 * registers the site; a later one is an edit, refused when it would strand running attempts.
 */
export interface RegisterSite {
  readonly kind: "register-site";
  readonly at: Instant;
  readonly site: string;
  readonly file: string;
  readonly text: string;
  /** Phases to expand: those the file calls built, or all. */
  readonly phases: "built" | "all";
}

/** Time passed: begin times, walltimes, deadlines, budget windows and retention fall due. */
export interface Tick {
  readonly kind: "tick";
  readonly at: Instant;
}

/**
 * One placement pass. A command, and a row of the log even when nothing starts, so that a history
 * says when each pass ran: what a pass found out saves the next one work.
 */
export interface Place {
  readonly kind: "place";
  readonly at: Instant;
}

/**
 * The first command of every life of a scheduler, before anything else is asked: what earlier decisions noted
 * of what they looked at was never in the log, so an engine that goes on forgets it as a new one has to.
 */
export interface Restart {
  readonly kind: "restart";
  readonly at: Instant;
}

/** Mean draw since the last measurement, as far as somebody measures it. */
export interface Measure {
  readonly kind: "measure";
  readonly at: Instant;
  readonly site: string;
  readonly domains: readonly {
    /** Position in `Site.domains`. */
    readonly domain: number;
    readonly watts: number;
  }[];
  readonly attempts: readonly {
    readonly attempt: AttemptKey;
    /** Of its GPUs and its share of their nodes. */
    readonly watts: number;
    /** Of that one of its GPUs that drew most; absent: nobody measures GPUs. */
    readonly gpuWatts?: number;
  }[];
}

export interface ScheduleCurtailment {
  readonly kind: "schedule-curtailment";
  readonly at: Instant;
  readonly by: string;
  readonly curtailment: Curtailment;
}

export interface CancelCurtailment {
  readonly kind: "cancel-curtailment";
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly id: string;
}

/** Replaces all accounts. */
export interface SetAccounts {
  readonly kind: "set-accounts";
  readonly at: Instant;
  readonly by: string;
  readonly accounts: readonly Account[];
}

/** Everything that can be asked of the engine. `at` never decreases from one command to the next. */
export type Command =
  | SubmitJobs
  | ChangeJobs
  | Report
  | ChangeNodes
  | DrainNodes
  | SetBudget
  | RemoveBudget
  | RegisterSite
  | Measure
  | ScheduleCurtailment
  | CancelCurtailment
  | SetAccounts
  | Tick
  | Place
  | Restart;
