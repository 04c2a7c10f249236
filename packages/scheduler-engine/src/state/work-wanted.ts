import { milliseconds, toNumber } from "@ertis/quantities";
import type { Job } from "./job.ts";

/**
 * Full-speed time that the next attempt of a task asks for: its walltime, or what a checkpoint left
 * of it and the time to take it up again.
 */
export function workWantedMs(job: Job, task: number): number {
  const walltimeMs = toNumber(job.spec.walltime);
  const doneMs = job.tries?.get(task)?.workDoneMs ?? 0;
  return doneMs === 0 ? walltimeMs : Math.max(1, walltimeMs - doneMs) + restoreMs(job, task);
}

/** The same of a task that pauses: it reads a checkpoint back, also one that is still to be written. */
export function workAfterPauseMs(job: Job, task: number): number {
  const doneMs = job.tries?.get(task)?.workDoneMs ?? 0;
  const toRestoreMs = doneMs === 0 ? toNumber(job.spec.checkpoint?.restore ?? milliseconds(0)) : 0;
  return workWantedMs(job, task) + toRestoreMs;
}

/**
 * The same of a task that goes on after a pause: of a shorter time, which it was granted to fill a hole, it has what is
 * left. Starts were promised on the ground that it ends then.
 */
export function workToGoOnMs(job: Job, task: number): number {
  const before = job.history.findLast((one) => one.task === task);
  const wantedMs = workWantedMs(job, task);
  if (before?.pausedFor === undefined) {
    return wantedMs;
  }
  const { isCheckpointed, workLeftMs, workMs } = before;
  const leftMs = isCheckpointed ? Math.ceil(workLeftMs) + restoreMs(job, task) : workMs;
  return Math.min(wantedMs, leftMs);
}

/** How long the next attempt of a task reads its checkpoint back. */
export function restoreMs(job: Job, task: number): number {
  const isRestored = (job.tries?.get(task)?.workDoneMs ?? 0) > 0;
  return isRestored ? toNumber(job.spec.checkpoint?.restore ?? milliseconds(0)) : 0;
}
