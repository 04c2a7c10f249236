import { toNumber } from "@ertis/quantities";
import type { Attempt, Job } from "../../state/job.ts";

/** Full-speed time that an attempt has left of what it was granted, if it went as planned. */
export function workLeftMs(attempt: Attempt, atMs: number): number {
  const { workAtMs, endsByMs } = attempt;
  if (atMs <= workAtMs) {
    return attempt.workLeftMs;
  }
  if (atMs >= endsByMs) {
    return 0;
  }
  return (attempt.workLeftMs * (endsByMs - atMs)) / (endsByMs - workAtMs);
}

/** Full-speed time it has worked so far. */
export function workDoneMs(attempt: Attempt, atMs: number): number {
  return attempt.workMs - workLeftMs(attempt, atMs);
}

/** The same without reading back the checkpoint it goes on from: what a next one keeps beside what was kept before. */
export function workAddedMs(attempt: Attempt, atMs: number, { spec, tries }: Job): number {
  const isRestored = (tries?.get(attempt.task)?.workDoneMs ?? 0) > 0;
  const restoreMs = isRestored && spec.checkpoint ? toNumber(spec.checkpoint.restore) : 0;
  return Math.max(0, Math.floor(workDoneMs(attempt, atMs)) - restoreMs);
}

/** When work is done at a speed, in whole ms: never too early. Speed is above 0. */
export function endAt(fromMs: number, workMs: number, speed: number): number {
  return fromMs + Math.ceil(workMs / speed);
}
