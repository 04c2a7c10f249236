import type { CapCurve, Holding } from "@ertis/power-planning";
import { type Energy, noEnergy } from "@ertis/quantities";
import type { AttemptKey, AttemptOutcome, Placement, StopReason } from "../words/attempt.ts";
import { type JobNumber, type JobSpec, priorityClasses } from "../words/job-spec.ts";
import { attemptsRememberedMax } from "../limits.ts";
import { hasPaused, mayRunMore } from "./array-places.ts";
import { dueAtMs } from "./due.ts";
import type { Shape } from "./queue.ts";
import {
  allTasks,
  firstTask,
  hasTask,
  noTasks,
  type TaskRanges,
  withoutTask,
} from "./task-ranges.ts";

/** One try of one task, from its start until every node has confirmed its stop. */
export interface Attempt extends AttemptKey {
  /** Replaced only when an edited site file moves its nodes to other positions. */
  placement: Placement;
  /** The same on every node of the gang. */
  readonly gpusPerNode: number;
  readonly startedAtMs: number;
  /** When it was heard to run; Infinity: it was not yet. Read while it starts or runs. */
  runsFromMs: number;
  /** Moves when its cap does. */
  endsByMs: number;
  /** Granted at its start: full-speed time of the whole gang. */
  readonly workMs: number;
  /** Of that, what was left at `workAtMs`; from there on at an even speed until `endsByMs`. */
  workLeftMs: number;
  workAtMs: number;
  /** The cap that is wanted on each of its GPUs; 0: none. */
  capWatts: number;
  /** Number of the order that said so; 0: its start. */
  capOrder: number;
  /** Nodes that have not acknowledged that order and may still run at a higher cap (0: none). */
  capInForce: ReadonlyMap<number, number> | undefined;
  /** How it slows down under a cap; undefined: it cannot be capped. Follows from spec and site. */
  curve: CapCurve | undefined;
  /** The lowest cap that its tier tolerates; 0: it cannot be capped. Follows from spec and site. */
  floorCapWatts: number;
  /** Measured: a cap that does not hold its GPUs back; 0: they need what they may have, or nobody knows. */
  neededCapWatts: number;
  /** Its work so far is kept for the next attempt. */
  isCheckpointed: boolean;
  /** The earliest timers that are set for the end of its walltime and the warning before. */
  endTimerMs: number;
  warningTimerMs: number;
  /** `exited`: the outcome is known, nodes may still be held. */
  phase: "starting" | "running" | "stopping" | "exited";
  isWarned: boolean;
  stopReason: StopReason | undefined;
  /** Stopped by a curtailment: the planned one that paused it, or "" for what bounds must not exceed. */
  pausedFor: string | undefined;
  /** Stopped for others, or at the end of its walltime: when plans count on it being gone, if it would not be gone before; else Infinity. */
  goneByMs: number;
  /** Its nodes should have confirmed its stop and have not: nobody knows when they do. Follows from the time (`apply/overdue.ts`). */
  isOverdue: boolean;
  outcome: AttemptOutcome | undefined;
  exitedAtMs: number | undefined;
  /** What happens to the task once the stop is confirmed everywhere. */
  isRetried: boolean;
  /** Nodes (positions in the site) whose stop is not confirmed yet. */
  heldNodes: readonly number[];
  /** What it counts for at its account. Follows from nodes held and caps in force (`power/holding.ts`). */
  held: Holding;
  /** What it was charged up to `chargedToMs`: watts reserved under the caps in force × time. */
  energyReserved: Energy;
  chargedToMs: number;
}

/** What a task that was retried has used up. */
export interface TaskTries {
  /** Attempts made so far. */
  readonly attempts: number;
  readonly retriesUsed: number;
  readonly freeRetriesUsed: number;
  /** Full-speed time that the last checkpoint kept; absent: none. */
  readonly workDoneMs?: number;
}

/** A job in memory. Changed only by `apply`. */
export interface Job {
  readonly number: JobNumber;
  readonly owner: string;
  readonly spec: JobSpec;
  readonly submittedAtMs: number;
  /** From then on it goes ahead in its class: it has waited long, or its deadline is near. */
  readonly dueAtMs: number;
  isHeld: boolean;
  /** Tasks that were stopped to save watts and are not let back yet, rising. */
  pausedTasks: readonly number[];
  /** Tasks that come back from such a stop go before the others, rising. */
  returningTasks: readonly number[];
  isCancelled: boolean;
  /** Begin time reached and dependencies met. */
  isReady: boolean;
  pending: TaskRanges;
  /** Attempts that have not exited. */
  runningCount: number;
  succeededCount: number;
  failedCount: number;
  cancelledCount: number;
  /** Absent until a task is retried; a first attempt needs no record. */
  tries: Map<number, TaskTries> | undefined;
  /** Attempts that run or still hold nodes, by task; a task has at most one. */
  active: Map<number, Attempt> | undefined;
  /** The last attempts that are over, oldest first. */
  history: readonly Attempt[];
  shape: Shape | undefined;
  isQueued: boolean;
  firstStartedAtMs: number | undefined;
  finishedAtMs: number | undefined;
  /** Measured, of all attempts that have exited. */
  energyJoules: bigint;
  /** Of all attempts that are over. */
  energyReserved: Energy;
  /** Attempts made, and retries used up, of all tasks. */
  attemptCount: number;
  retriesUsedCount: number;
  /** Of an array: its tasks that ended so; those that are over otherwise succeeded. */
  failedTasks: TaskRanges;
  cancelledTasks: TaskRanges;
  /** Grows with every change of the job. */
  generation: number;
  reason: string;
}

export type JobState =
  | "held"
  | "waiting"
  | "queued"
  | "starting"
  | "running"
  | "stopping"
  | "succeeded"
  | "failed"
  | "cancelled";

/** Shared by all jobs of which nothing is paused. */
export const noPausedTasks: readonly number[] = [];

export function createJob(
  number: JobNumber,
  owner: string,
  spec: JobSpec,
  submittedAtMs: number,
): Job {
  return {
    number,
    owner,
    spec,
    submittedAtMs,
    dueAtMs: dueAtMs(spec, submittedAtMs),
    isHeld: spec.isHeld,
    pausedTasks: noPausedTasks,
    returningTasks: noPausedTasks,
    isCancelled: false,
    isReady: false,
    pending: allTasks(spec.taskCount),
    runningCount: 0,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
    tries: undefined,
    active: undefined,
    history: noAttempts,
    shape: undefined,
    isQueued: false,
    firstStartedAtMs: undefined,
    finishedAtMs: undefined,
    energyJoules: 0n,
    energyReserved: noEnergy,
    attemptCount: 0,
    retriesUsedCount: 0,
    failedTasks: noTasks,
    cancelledTasks: noTasks,
    generation: 1,
    reason: "",
  };
}

/** Shared, because most jobs of a long queue have none. */
const noAttempts: readonly Attempt[] = [];

export function addAttempt(job: Job, attempt: Attempt): void {
  job.active ??= new Map();
  job.active.set(attempt.task, attempt);
}

/** Moves an attempt that is over from the active ones to the history. */
export function retireAttempt(job: Job, attempt: Attempt): void {
  job.active?.delete(attempt.task);
  if (job.active?.size === 0) {
    job.active = undefined;
  }
  job.history = [...job.history.slice(1 - attemptsRememberedMax), attempt];
}

export function activeAttempts(job: Job): readonly Attempt[] {
  return job.active === undefined ? noAttempts : [...job.active.values()];
}

export function isFinished(job: Job): boolean {
  return job.finishedAtMs !== undefined;
}

/** Tasks that will not run again. */
export function finishedTaskCount(job: Job): number {
  return job.succeededCount + job.failedCount + job.cancelledCount;
}

/**
 * The state a person sees, derived from the counts. In the order of the questions: is it over, does
 * something run, why does nothing run.
 */
export function jobState(job: Job): JobState {
  if (job.finishedAtMs !== undefined) {
    // An array that was cancelled is cancelled, also when some of its tasks had failed before.
    if (job.isCancelled && job.cancelledCount > 0) {
      return "cancelled";
    }
    if (job.failedCount > 0) {
      return "failed";
    }
    return job.cancelledCount > 0 ? "cancelled" : "succeeded";
  }
  if (job.runningCount > 0) {
    const phases = activeAttempts(job).map((attempt) => attempt.phase);
    if (phases.includes("running")) {
      return "running";
    }
    return phases.includes("starting") ? "starting" : "stopping";
  }
  if (job.isCancelled || activeAttempts(job).some((attempt) => attempt.isRetried)) {
    return "stopping";
  }
  if (job.isHeld) {
    return "held";
  }
  return job.isReady ? "queued" : "waiting";
}

/** Position of its class in `priorityClasses`. */
export function priorityOf(job: Job): number {
  return priorityClasses.indexOf(job.spec.priorityClass);
}

/** May a placement pass start a task of it? */
export function isEligible(job: Job): boolean {
  return (
    nextTask(job) !== undefined &&
    job.isReady &&
    !job.isHeld &&
    !job.isCancelled &&
    // Passes ask of thousands, most of which have a specification far away in memory and run nothing.
    ((job.runningCount === 0 && !hasPaused(job)) || mayRunMore(job))
  );
}

/** The task that starts next, if any may: one that comes back from a pause, else the lowest. */
export function nextTask(job: Job): number | undefined {
  const { pending, pausedTasks, returningTasks } = job;
  if (!hasPaused(job)) {
    return firstTask(pending);
  }
  const returning = returningTasks.find((task) => hasTask(pending, task));
  if (returning !== undefined || pausedTasks.length === 0) {
    return returning ?? firstTask(pending);
  }
  let rest = pending;
  for (const task of pausedTasks) {
    rest = hasTask(rest, task) ? withoutTask(rest, task) : rest;
  }
  return firstTask(rest);
}

/** The active attempt with this key, or undefined when it is over or never was. */
export function findAttempt(job: Job, task: number, attempt: number): Attempt | undefined {
  const found = job.active?.get(task);
  return found?.attempt === attempt ? found : undefined;
}

/** Number of the next attempt of a task, from 1. */
export function nextAttemptNumber(job: Job, task: number): number {
  return (job.tries?.get(task)?.attempts ?? 0) + 1;
}
