import { toNumber } from "@ertis/quantities";
import type { Job } from "./job.ts";

/**
 * Full-speed time that the next attempt of a task asks for: its walltime, or what a checkpoint left
 * of it and the time to take it up again.
 */
export function workWantedMs(job: Job, task: number): number {
  const walltimeMs = toNumber(job.spec.walltime);
  const doneMs = job.tries?.get(task)?.workDoneMs ?? 0;
  if (doneMs === 0) {
    return walltimeMs;
  }
  const restoreMs = job.spec.checkpoint === undefined ? 0 : toNumber(job.spec.checkpoint.restore);
  return Math.max(1, walltimeMs - doneMs) + restoreMs;
}
