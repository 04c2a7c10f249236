import type { JobState } from "../../state/job.ts";
import type { JobNumber, JobSpec } from "../../words/job-spec.ts";
import type { JobsAhead } from "./ahead.ts";
import type { DeadlineMissed } from "./deadline-missed.ts";
import type { PausedTasks } from "./explain-paused.ts";
import type { PausedAhead } from "./paused-ahead.ts";
import type { HeldBack } from "./held-back.ts";
import type { LikelyStart } from "./likely-start.ts";
import type { MovedBy } from "../curtailments/moved-by.ts";
import type { MayPreempt } from "./may-preempt.ts";
import type { OpenGuarantee } from "../accounts/open-guarantee.ts";
import type { PowerBlock } from "./power-block.ts";
import type { RampBlock } from "./ramp-block.ts";
import type { StartOption } from "./start-options.ts";
import type { Suggestion } from "./suggestion.ts";

/** The first thing in a job's way. */
export type ExplanationReason =
  | "held"
  | "begin-time"
  | "dependency"
  | "array-throttle"
  /** It would fit, yet what is kept for the head of the queue would be delayed. */
  | "behind-others"
  | "gpus"
  | "power-limit"
  | "power-budget"
  /** A curtailment leaves too few watts. */
  | "power-curtailment"
  /** It fits now, yet a budget that begins within its walltime leaves too few watts. */
  | "future-window"
  /** Enough GPUs exist, yet too many of their nodes are cordoned, lost or switched off. */
  | "nodes-unavailable"
  /** Even when everything that runs has ended it will not fit, as sites and budgets are now. */
  | "never-fits-now"
  /** Its account, or one above it, may never hold so much. */
  | "above-quota"
  /** Its account, or one above it, holds as much as it may. */
  | "quota"
  /** Nothing is in its way. */
  | "next-pass"
  | "starting"
  | "running"
  | "stopping"
  | "finished";

/** Numbers of one GPU model at one site: where the job comes closest to starting. */
export interface PlaceNumbers {
  readonly site: string;
  readonly gpuModel: string;
  /** Nodes that take attempts and have enough free GPUs each, kept ones included. */
  readonly availableNodeCount: number;
  /** Free GPUs on those. */
  readonly availableGpuCount: number;
  /** Free GPUs of the model there, also on nodes with too few of them. */
  readonly freeGpuCount: number;
  /** Nodes that would have enough free GPUs if they were not cordoned, lost or off. */
  readonly unavailableNodeCount: number;
  readonly cordonedNodeCount: number;
  readonly lostNodeCount: number;
  readonly offNodeCount: number;
  /** Of those that are off or on their way there: they save power for a curtailment and come back. */
  readonly asleepNodeCount: number;
  /** The domain where the watts end; absent when watts are not in the way. */
  readonly power: PowerBlock | undefined;
}

/** What is kept for a job that heads the queue. */
export interface HeadStart {
  readonly job: JobNumber;
  readonly startAtMs: number;
}

/** Why a job does not run, with the numbers that decide. Times are data; see `explanationSentence`. */
export interface Explanation {
  readonly reason: ExplanationReason;
  readonly state: JobState;
  readonly neededNodeCount: number;
  readonly gpusPerNode: number;
  /** Absent when no site plays a part. */
  readonly place: PlaceNumbers | undefined;
  /** Absent when the job is not in the queue. */
  readonly ahead: JobsAhead | undefined;
  /**
   * No start before this, if nothing that runs ends before its walltime and nodes stay as they are: no bound without
   * that, and no promise. Absent: nothing later than now is known.
   */
  readonly startLowerBoundMs: number | undefined;
  /** Why no start can be told although somebody will ask; empty: one is told, or there is nothing to say. */
  readonly startUnknown: string;
  /** For `quota`: those ahead that wait for the same account. */
  readonly aheadInAccount: (JobsAhead & { readonly account: string }) | undefined;
  /** It ends after its deadline with the start that is told, if it uses its walltime. */
  readonly deadlineMissed: DeadlineMissed | undefined;
  /** Starts at full power and at each useful cap; empty where no watts are in the way. */
  readonly startOptions: readonly StartOption[];
  /** A change with which it would start at once; absent when none was found. */
  readonly suggestion: Suggestion | undefined;
  /** It was paused to save watts: for which curtailment, empty: lost or cut power, and when it should work again. */
  readonly pausedUntil:
    | {
        readonly curtailment: string;
        readonly atMs: number;
        /** It may come back, and waits for its watts. */
        readonly isReturning: boolean;
        /** Nothing else keeps it. */
        readonly isAlone: boolean;
        /** Its curtailment is over by then. */
        readonly isAfterEnd: boolean;
      }
    | undefined;
  /** Of an array: which of its tasks are paused, where none is asked for alone. */
  readonly pausedTasks: readonly PausedTasks[];
  /** On so many of its nodes it has room now, and would be done later than by waiting; absent: it has not. */
  readonly smallerNodeCount: number | undefined;
  /** Others that it may stop for a start before the one that is kept for it. */
  readonly mayPreempt: MayPreempt | undefined;
  /** The reservation that keeps the job back. */
  readonly head: HeadStart | undefined;
  /** For `behind-others`: a job that was paused for a curtailment or a lost supply, for which watts are kept. */
  readonly paused: PausedAhead | undefined;
  /** For `power-limit`: not the watts are missing, they may only not be added at once. */
  readonly ramp: RampBlock | undefined;
  /** The start that is kept for the job itself. */
  readonly reservedStartMs: number | undefined;
  /** Before that, and before any estimate: by itself, once a curtailment has given its watts back. */
  readonly likelyStart: LikelyStart | undefined;
  /** Curtailments, budgets and nodes out of service without which that start would be sooner. */
  readonly movedBy: MovedBy | undefined;
  /** Its account has less than it is guaranteed. */
  readonly guarantee: OpenGuarantee | undefined;
  readonly beginAtMs: number | undefined;
  /** Jobs it waits for that have not ended, at most 16. */
  readonly waitingFor: readonly JobNumber[];
  /** Tasks that run, those that keep their places while they are paused, and how many may at once; absent: no throttle. */
  readonly throttle:
    | { readonly runningCount: number; readonly pausedCount: number; readonly maxCount: number }
    | undefined;
  /** For `starting` and `running`: below full speed, how far and why. */
  readonly heldBack: HeldBack | undefined;
  /** The whole sentence, where the reason alone already says all: of a site, an account or a cluster; else empty. */
  readonly message: string;
}

/** What is found out about a job that waits. */
export type Answer = Partial<Explanation> & Pick<Explanation, "reason">;

/** An explanation with nothing in it but what the job asks for. */
export function bareExplanation(
  reason: ExplanationReason,
  state: JobState,
  spec: JobSpec,
): Explanation {
  return {
    reason,
    state,
    neededNodeCount: spec.nodeCount,
    gpusPerNode: spec.gpusPerNode,
    place: undefined,
    ahead: undefined,
    startLowerBoundMs: undefined,
    startUnknown: "",
    aheadInAccount: undefined,
    deadlineMissed: undefined,
    startOptions: [],
    suggestion: undefined,
    pausedUntil: undefined,
    pausedTasks: [],
    smallerNodeCount: undefined,
    mayPreempt: undefined,
    head: undefined,
    paused: undefined,
    ramp: undefined,
    reservedStartMs: undefined,
    likelyStart: undefined,
    movedBy: undefined,
    guarantee: undefined,
    beginAtMs: undefined,
    waitingFor: [],
    throttle: undefined,
    heldBack: undefined,
    message: "",
  };
}
