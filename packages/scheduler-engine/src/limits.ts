import { milliseconds, type Milliseconds } from "@ertis/quantities";
import { assert } from "./state/assert.ts";

const dayMs = 86_400_000;

/** Bounds on what strangers can make the engine remember or compute. */
export interface EngineLimits {
  /** Jobs that are not finished; more are refused. An array counts once. */
  readonly jobsUnfinishedMax: number;
  /** Finished jobs kept in memory, in count and age; older ones are only in the log. */
  readonly jobsFinishedMax: number;
  readonly jobsFinishedAgeMax: Milliseconds;
  /** Accepted request ids remembered, in count and age. */
  readonly requestIdsMax: number;
  readonly requestIdAgeMax: Milliseconds;
  readonly budgetsMax: number;
  /** Free retries after node failures and preemptions, so that a cursed task ends some day. */
  readonly freeRetriesMax: number;
}

export const defaultLimits: EngineLimits = {
  jobsUnfinishedMax: 2_000_000,
  jobsFinishedMax: 1_000_000,
  jobsFinishedAgeMax: milliseconds(7 * dayMs),
  requestIdsMax: 10_000_000,
  requestIdAgeMax: milliseconds(7 * dayMs),
  budgetsMax: 256,
  freeRetriesMax: 100,
};

/**
 * From the end of the walltime until everything is surely gone: the executor gets the first half to
 * end the attempt politely, the second to confirm. Plans count an attempt until its walltime plus
 * this; its bound stays in force until the confirmation, however late.
 */
export const stopGraceMs = 60_000;

/** A node has so long to acknowledge a cap. Then it counts at its old bound, and others shed instead. */
export const acknowledgeMs = 2_000;

/**
 * A node that has not acknowledged a cap by then has failed: for an emergency programs stop in its place, whatever their
 * tiers bear. A lost order is sent again by then, and a stop takes minutes to undo.
 */
export const unansweredMs = 10_000;

/** An idle node takes so long to switch off. */
export const switchOffMs = 120_000;

/** From its power-on until it takes work again. */
export const wakeMs = 180_000;

/** Nodes that a promised start needs are woken so much sooner still: something may be late. */
export const wakeMarginMs = 60_000;

/**
 * Starts of one placement pass. The next pass goes on where it ended, so that the caller of a large
 * array is answered before all of it is placed.
 */
export const startsPerPassMax = 256;

/** The same of nodes looked at in ledgers of later moments, which is most of the work for a large site. */
export const nodesAheadPerPassMax = 30_000;

/** The warning comes this long before the walltime is over, or at half of a short walltime. */
export const walltimeWarningMs = 120_000;

/** What an account has used counts half after this time. */
export const shareHalfLifeMs: number = 7 * dayMs;

/** What an account holds counts as used for this much longer, so that a burst of starts is seen. */
export const shareAheadMs = 3_600_000;

/**
 * A job that has waited so long goes before all of its class that have not, and counts as one class
 * higher for each such time, up to high: nothing waits for ever while others come and go.
 */
export const agedAfterMs: number = 7 * dayMs;

/** A job with a deadline goes ahead when it must start within this, or a quarter of its walltime. */
export const deadlineLeadMs = 600_000;

/** Jobs of one pass for which a preemption is thought about; each looks at all that may be stopped. */
export const preemptionsPerPassMax = 16;

/** An attempt works at least so long before it may be stopped for another job. */
export const victimWorkMinMs = 600_000;

/** Who has given way to a job of a higher class stops nobody in turn for so long. */
export const gaveWayMs = 3_600_000;

/** Nobody is stopped for a job that is promised a start within this. */
export const preemptsBeforeMs = 300_000;

/** So long before its start a planned curtailment begins to learn from every measurement. */
export const learnsBeforeMs = 600_000;

/** By when after its start an attempt surely draws what its bound allows, as ramps count it. */
export const startSettleMs = 30_000;

/** Attempts of one job remembered for its owner. */
export const attemptsRememberedMax = 4;

/** A Map and an array throw above 16.7 million entries; refuse such limits at start. */
export function checkLimits(limits: EngineLimits): void {
  assert(
    limits.jobsUnfinishedMax + limits.jobsFinishedMax <= 16_000_000,
    "at most 16 million jobs are kept in memory",
  );
  assert(limits.requestIdsMax <= 50_000_000, "at most 50 million request ids are remembered");
}
