import type { FillJob } from "../filling/fill-problem.ts";

/** A running job as a curtailment sees it. All watts are those of one GPU. */
export interface ShedJob extends FillJob {
  readonly id: number;
  readonly capNowWatts: number;
  /** Part of its throughput that its tier tolerates to lose, averaged over the event: 0 to 1. */
  readonly tierLossMax: number;
  /** Of whom everything may be asked: what holds where a target does not need that. Undefined: its floor is not given up. */
  readonly givenUp?: Floor;
  /** Never paused, never shrunk, never below its floor, not even for a moment. */
  readonly isProtected: boolean;
  /** Undefined: its `weight`. Else that is larger, so that everybody else is asked first. */
  readonly ownWeight?: number | undefined;
  /** It can write a checkpoint and go on from it. */
  readonly canPause: boolean;
  /** It is paused now: to leave it so costs no new checkpoint. */
  readonly isPausedNow: boolean;
  readonly saveMs: number;
  readonly restoreMs: number;
  /** It may come back so much later than planned: what lets it back is measured from time to time. */
  readonly returnsLateMs?: number;
  /** What a GPU counts while its job is paused, in the unit of the problem's `counts`. */
  readonly idleWatts: number;
  readonly nodeCount: number;
  /** It shrinks by a checkpoint, from which it goes on. As `nodeCount` when it cannot shrink. */
  readonly nodeCountMin: number;
  /** With so many an earlier plan lets it go on, though it holds all of them still; undefined: with all. */
  readonly nodeCountPlanned?: number | undefined;
  /** Jobs, by their ids, that count nothing by themselves and pause whenever it does: it counts for all of them. */
  readonly followers?: readonly number[];
  /** Full-speed time lost to this event so far. */
  readonly lossMsSoFar: number;
  /** Others over it that last longer: nodes that it gives back it has again only after them. Undefined: none. */
  readonly longer?: readonly LongerEvent[] | undefined;
  /**
   * The stretch that an earlier plan has for it, from its checkpoint until it works again, counted from now;
   * undefined: none. What is paused now stays so for the rest of it, unless that does not hold.
   */
  readonly pausePlanned?: { readonly fromMs: number; readonly untilMs: number } | undefined;
}

/** Another event that is over a job, as its tier counts it. */
export interface LongerEvent {
  readonly eventMs: number;
  /** How much of it is to come. */
  readonly restMs: number;
  readonly lossMsSoFar: number;
}

/** What holds for a job as long as its floor is not given up. */
export type Floor = Pick<
  ShedJob,
  "tierLossMax" | "isProtected" | "weight" | "floorCapWatts" | "lossMsSoFar"
>;

/** A node that nobody uses and that still draws. */
export interface IdleNode {
  readonly id: number;
  readonly domains: Int32Array;
  /** What switching it off frees, by domain, scaled as the room is. */
  readonly wattsScaled: Float64Array;
  /** Kept for a start, for which it will be woken in time: of equals it goes off last. */
  readonly isPromised?: boolean;
}

export interface ShedProblem {
  readonly jobs: readonly ShedJob[];
  readonly idleNodes: readonly IdleNode[];
  /** By domain, scaled: what all jobs and idle nodes together may use. */
  readonly roomScaled: Float64Array;
  /** By domain: 1 where nodes may go off for its sake; undefined: everywhere. */
  readonly areNodesShed?: Uint8Array;
  /** A node that would be off for less than this stays on, where every floor holds without it. */
  readonly sleepMsMin?: number;
  /** A node that goes off still draws for so long; undefined: it is gone at once, unless there is no notice at all. */
  readonly switchOffMs?: number;
  /** By domain: what is told to stop and still draws; no part of the room, in its way until it is gone. */
  readonly leavingScaled?: Float64Array;
  /** Length of the event, and how much of it is over. */
  readonly eventMs: number;
  readonly elapsedMs: number;
  /** How long before the event's start checkpoints may begin; 0: it has begun. */
  readonly noticeMs: number;
  /** Watts of a job: the caps set (bounds), or the mean draw at them (a target on measured draw). */
  readonly counts: "cap" | "draw";
  readonly capStepWatts: number;
  /** Until checkpoints are written and nodes are off no job goes below its floor: no limit is exceeded meanwhile. */
  readonly isBridgedByFloors?: boolean;
  /** `given-up`: what must be shed is shed, whatever tiers say; protected jobs are still last. */
  readonly floors: "kept" | "given-up";
}

/** From the start of the checkpoint until it works again; counted from now, below 0 before the event. */
export interface Pause {
  readonly id: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface PlannedLoss {
  readonly id: number;
  /** Part of full throughput, averaged over the whole event, with what was lost before the plan. */
  readonly lossAverage: number;
  /** Full-speed time that the plan itself takes. */
  readonly lostMs: number;
}

/** Once nodes are off and checkpoints are written. */
export interface SettledPlan {
  readonly powerOffNodes: readonly number[];
  /** What every running job may use once nodes are off and checkpoints are written. */
  readonly caps: readonly { readonly id: number; readonly capWatts: number }[];
  readonly shrinks: readonly { readonly id: number; readonly nodeCount: number }[];
  readonly pauses: readonly Pause[];
  /** What each job loses to it. */
  readonly losses: readonly PlannedLoss[];
  /** At the fullest moment, by domain. */
  readonly usedScaled: Float64Array;
  /** Weighted speed that is left: what the choice made as large as it could. */
  readonly weightedSpeed: number;
  /** The same with own weights: what a gain is a part of. */
  readonly ownSpeed: number;
}

export interface ShedPlan extends SettledPlan {
  /** What holds the target until then: all paused jobs still run, all idle nodes still draw. */
  readonly capsUntilSettled: readonly { readonly id: number; readonly capWatts: number }[];
  /** Above 0: even the lowest caps do not hold the target until then, in this domain at worst. */
  readonly missingUntilSettledScaled: number;
}

/** Not even the floors fit. */
export interface ShedRefusal {
  readonly kind: "refused";
  readonly domain: number;
  /** The smallest room of the domain with which every floor is kept, scaled as its room. */
  readonly smallestScaled: number;
  /** What giving up the floors of one tier would make of it; the dearest tier last. */
  readonly gains: readonly { readonly tierLossMax: number; readonly freesScaled: number }[];
}

export type ShedResult = { readonly kind: "plan"; readonly plan: ShedPlan } | ShedRefusal;
