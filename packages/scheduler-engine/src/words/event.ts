import type { Instant, Milliseconds, Watts } from "@ertis/quantities";
import type { Account } from "./account.ts";
import type { AttemptKey, AttemptOutcome, Placement, StopReason } from "./attempt.ts";
import type { Curtailment } from "./curtailment.ts";
import type { Command, DrainAction, PowerBudget, RegisterSite, SubmitItem } from "./command.ts";
import type { JobNumber } from "./job-spec.ts";

export interface JobsSubmitted {
  readonly kind: "jobs-submitted";
  readonly owner: string;
  /** Number of the first item; the others follow without a gap. */
  readonly firstJob: JobNumber;
  readonly items: readonly SubmitItem[];
}

/** A stretch in which a task of a job is to be paused. */
export interface PauseToCome {
  readonly job: JobNumber;
  /** Absent: 0. */
  readonly task?: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** It does not pause but shrinks to so many of its nodes; absent: it pauses. */
  readonly nodeCount?: number;
}

export interface AttemptStarted {
  readonly kind: "attempt-started";
  readonly attempt: AttemptKey;
  readonly placement: Placement;
  /** When the walltime is over. */
  readonly endsBy: Instant;
  /** What the walltime counts, at full speed of the whole gang; absent: all the time until `endsBy`. */
  readonly work?: Milliseconds;
}

/** What follows the end of a task's attempt. */
export type AfterExit = "finish" | "retry" | "retry-free";

export interface AttemptExited {
  readonly kind: "attempt-exited";
  readonly attempt: AttemptKey;
  readonly outcome: AttemptOutcome;
  /** `retry` uses up one of the user's retries, `retry-free` (node failure, preemption) does not. */
  readonly next: AfterExit;
  /** What the attempt used, as measured where it ran; absent when nobody measured. */
  readonly energyJoules?: number;
}

export interface ReservationMade {
  readonly kind: "reservation-made";
  readonly job: JobNumber;
  readonly site: string;
  readonly gpuModel: string;
  readonly startAt: Instant;
  /** Positions in `Site.nodes` that are kept for the job from `startAt` on. */
  readonly nodes: readonly number[];
  /** The cap its watts are kept for; absent: none. */
  readonly capWatts?: number;
  /** When it would have let go of everything; absent: after its walltime. */
  readonly holdsUntil?: Instant;
  /** What is kept for others in the pool stays; absent: it takes the place of all that was kept there. */
  readonly isBeside?: true;
  /** Others are stopped for it: the watts that they leave are there for it with caps as they are. */
  readonly isByStops?: true;
}

/** How the GPUs of an attempt are held from now on. */
export interface CapSet {
  readonly kind: "cap-set";
  readonly attempt: AttemptKey;
  /**
   * 0: no cap. A lowering keeps the old bound in force on every node until that node acknowledges;
   * a raise is in force at once.
   */
  readonly capWatts: number;
  /** When the walltime is over at the new speed. */
  readonly endsBy: Instant;
}

export interface CapAcknowledged {
  readonly kind: "cap-acknowledged";
  readonly attempt: AttemptKey;
  /** Empty: all it holds. */
  readonly nodes: readonly number[];
  readonly capWatts: number;
}

/** Mean draw since the last one that was kept. */
export interface DrawMeasured {
  readonly kind: "draw-measured";
  readonly site: string;
  /** Positions in `Site.domains`, and the watts of each. */
  readonly domains: readonly number[];
  readonly watts: readonly number[];
  readonly attempts?: readonly { readonly attempt: AttemptKey; readonly watts: number }[];
}

/** What running attempts were seen to need: watts that they leave may go to others. */
export interface NeedsLearned {
  readonly kind: "needs-learned";
  readonly site: string;
  readonly needs: readonly {
    readonly attempt: AttemptKey;
    /** A cap that does not hold its GPUs back; 0: they need what they may have. */
    readonly capWatts: number;
  }[];
}

/** Facts. `apply` is total: an event of the log always applies. */
export type Event =
  | JobsSubmitted
  | { readonly kind: "jobs-held"; readonly jobs: readonly JobNumber[]; readonly by: string }
  | { readonly kind: "jobs-released"; readonly jobs: readonly JobNumber[]; readonly by: string }
  /** Pending tasks are gone; running ones get a stop request of their own. */
  | {
      readonly kind: "jobs-cancelled";
      readonly jobs: readonly JobNumber[];
      readonly by: string;
      readonly reason: string;
    }
  /** Begin time reached, or the last dependency met. */
  | { readonly kind: "jobs-became-ready"; readonly jobs: readonly JobNumber[] }
  | AttemptStarted
  | { readonly kind: "attempt-running"; readonly attempt: AttemptKey }
  | { readonly kind: "walltime-warned"; readonly attempt: AttemptKey }
  | {
      readonly kind: "stop-requested";
      readonly attempt: AttemptKey;
      readonly reason: StopReason;
    }
  | AttemptExited
  | CapSet
  | CapAcknowledged
  /** The work of an attempt that stops for preemption is kept for the next one. */
  | { readonly kind: "attempt-checkpointed"; readonly attempt: AttemptKey }
  /** The stop is confirmed on these nodes: their bound falls. Empty: on all that were left. */
  | {
      readonly kind: "placement-released";
      readonly attempt: AttemptKey;
      readonly nodes: readonly number[];
    }
  /** The oldest finished jobs leave memory. */
  | { readonly kind: "jobs-retired"; readonly count: number }
  | { readonly kind: "request-ids-forgotten"; readonly count: number }
  | ReservationMade
  /** Over quota: its account may not have it any more. Else it is promised again where that is possible. */
  | {
      readonly kind: "reservation-dropped";
      readonly job: JobNumber;
      readonly isOverQuota?: true;
    }
  | {
      readonly kind: "nodes-cordoned" | "nodes-uncordoned";
      readonly site: string;
      readonly nodes: readonly number[];
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly kind: "nodes-draining";
      readonly site: string;
      readonly nodes: readonly number[];
      readonly by: string;
      readonly reason: string;
      readonly deadline: Instant;
      readonly thenDo: DrainAction;
    }
  /** The deadline of a drain passed and what it promised was done. */
  | { readonly kind: "drain-enforced"; readonly site: string; readonly nodes: readonly number[] }
  | { readonly kind: "node-lost"; readonly site: string; readonly node: number }
  | {
      readonly kind: "node-powered-off";
      readonly site: string;
      readonly node: number;
      /** A person's name, or `executor`. */
      readonly confirmedBy: string;
    }
  /** Idle nodes are switched off to save watts, and on again. */
  | {
      readonly kind: "node-sleep-requested" | "node-wake-requested";
      readonly site: string;
      readonly nodes: readonly number[];
    }
  /** On by the ledger: its idle watts are in force. */
  | {
      readonly kind: "node-returned";
      readonly site: string;
      readonly node: number;
      /**
       * It was woken, and its cluster is to say when it is up. `trusted`: it takes work at once. `tried`: it did not wake
       * before, and takes none until then. Absent: its cluster has said that it is up, or can come.
       */
      readonly wake?: "trusted" | "tried";
    }
  /** Its cluster does not answer: nothing starts there, and every bound stays. */
  | { readonly kind: "site-away" | "site-back"; readonly site: string }
  | { readonly kind: "budget-set"; readonly budget: PowerBudget }
  | {
      readonly kind: "budget-removed";
      readonly id: string;
      readonly by: string;
      readonly reason: string;
    }
  /** Windows that are over, removed by retention. */
  | { readonly kind: "budgets-expired"; readonly ids: readonly string[] }
  | DrawMeasured
  | NeedsLearned
  | {
      readonly kind: "curtailment-scheduled";
      readonly curtailment: Curtailment;
      /** Who pauses or shrinks for it, as far as that is foreseen. Absent: nobody. */
      readonly foreseen?: readonly PauseToCome[];
    }
  | {
      readonly kind: "curtailment-cancelled";
      readonly id: string;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: "curtailment-ended"; readonly ids: readonly string[] }
  /** Their records leave memory. */
  | { readonly kind: "curtailments-forgotten"; readonly ids: readonly string[] }
  /** Who is paused when in it is decided; the events beside this one say so. */
  | {
      readonly kind: "curtailment-planned";
      readonly id: string;
      /** Nodes that go off one after the other, as ramps allow; absent: none, or all at once. */
      readonly sleepers?: readonly number[];
      /** Floors could not all be kept any more: each gives so many ten-thousandths more. Absent: they are kept. */
      readonly widenedBy?: number;
      /** Nobody stops for answers that are late, though not all fit: planned again when they are there. Absent: none is awaited. */
      readonly isAwaitingAnswers?: true;
    }
  /** Who is paused when, to save watts. Replaces what was planned for the same before. */
  | {
      readonly kind: "pauses-planned";
      readonly site: string;
      /** The planned curtailment; absent: for what bounds must not exceed now. */
      readonly curtailment?: string;
      readonly pauses: readonly PauseToCome[];
    }
  /** It is asked to stop, and not started again before it is resumed. */
  | {
      readonly kind: "job-paused";
      readonly job: JobNumber;
      /** Absent: 0. */
      readonly task?: number;
      readonly site: string;
      readonly until: Instant;
      /** The planned curtailment that wants it; absent: what bounds must not exceed does. */
      readonly curtailment?: string;
      /**
       * Given when it shrinks: it goes on with these of its nodes as soon as it has stopped; given again before it does,
       * with these instead, which may be all. More than it has: it gets back what it gave before.
       */
      readonly nodes?: readonly number[];
    }
  | { readonly kind: "job-resumed"; readonly job: JobNumber; readonly task?: number }
  /** Part of what feeds a domain (position in `Site.domains`) is gone: it carries only so much. */
  | {
      readonly kind: "supply-lost";
      readonly site: string;
      readonly domain: number;
      readonly remaining: Watts;
      /** Name of what is gone; absent: nobody said. */
      readonly supply?: string;
    }
  | { readonly kind: "supply-back"; readonly site: string; readonly domain: number }
  | {
      readonly kind: "accounts-set";
      readonly accounts: readonly Account[];
      readonly by: string;
    }
  | {
      readonly kind: "site-registered";
      readonly registration: Omit<RegisterSite, "kind" | "at">;
      readonly revision: string;
    }
  /** What was noted beside the facts is forgotten. */
  | { readonly kind: "restarted" };

/** One row of the log: what one command did. */
export interface Entry {
  readonly at: Instant;
  readonly command: RecordedCommand;
  readonly events: readonly Event[];
}

/**
 * The command as it stands in the log. A submit is not repeated there: its accepted items are in
 * its event, and refused items leave no trace. A measurement is empty there: what is kept of it is in its event.
 */
export type RecordedCommand =
  | Exclude<Command, { readonly kind: "submit-jobs" }>
  | { readonly kind: "submit-jobs"; readonly at: Instant };
