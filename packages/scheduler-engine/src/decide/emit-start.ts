import { instant, milliseconds } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { holdingOfPlacement, promiseBlock, quotaBlock } from "../placement/quota.ts";
import type { Start } from "../placement/wanted.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Job, nextAttemptNumber } from "../state/job.ts";
import type { Deciding } from "./deciding.ts";

/** Starts a task of a job where and as it was found. */
export function emitStart(
  { state, emit }: Deciding,
  job: Job,
  task: number,
  { placement, endsByMs, workMs }: Start,
): void {
  emit({
    kind: "attempt-started",
    attempt: { job: job.number, task, attempt: nextAttemptNumber(job, task) },
    placement,
    endsBy: instant(endsByMs),
    ...(workMs === endsByMs - state.nowMs ? {} : { work: milliseconds(workMs) }),
  });
}

/**
 * What its account may not hold of a start that was found: too much by itself, or beside what others are
 * promised. All of a start that is due was counted when it was promised, unless it is larger.
 */
export function accountBlock(
  state: EngineState,
  job: Job,
  { placement, endsByMs }: Pick<Start, "placement" | "endsByMs">,
  isCounted: boolean,
): "quota-block" | "promised-away" | undefined {
  const more = holdingOfPlacement(placement, job);
  if (quotaBlock(state, job, more) !== undefined) {
    return "quota-block";
  }
  const span = { fromMs: state.nowMs, untilMs: endsByMs + stopGraceMs };
  return !isCounted && promiseBlock(state, job, more, span) !== undefined
    ? "promised-away"
    : undefined;
}
