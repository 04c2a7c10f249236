import { toNumber } from "@ertis/quantities";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { mayRunMore } from "../../state/array-places.ts";
import { activeAttempts, type Job, jobState, nextTask } from "../../state/job.ts";
import type { StopReason } from "../../words/attempt.ts";
import type { FailureCategory } from "../../words/job-spec.ts";

/** Why a job is in its state, as far as the job itself knows; `explainJob` says more of one that waits. */
export type JobStateReason =
  | "held"
  | "begin-time"
  | "dependency"
  | "array-throttle"
  /** Paused to save watts, or told to stop for that. */
  | "curtailment"
  | StopReason
  | FailureCategory;

export function stateReason(state: EngineState, job: Job): JobStateReason | undefined {
  switch (jobState(job)) {
    case "held":
      return "held";
    case "waiting":
      return isBeforeBegin(state, job) ? "begin-time" : "dependency";
    case "queued":
      return pausedTaskOf(state, job) === undefined ? undefined : "curtailment";
    case "starting":
    case "running":
      return isThrottled(job) ? "array-throttle" : undefined;
    case "stopping":
      return stopReason(job);
    case "succeeded":
      return undefined;
    case "failed":
      return lastFailure(job);
    case "cancelled":
      return "cancelled";
  }
}

/** The first task of a job that was paused to save watts and has not been let back yet. */
export function pausedTaskOf(
  { curtailments }: EngineState,
  { number }: Job,
): PausedTask | undefined {
  for (const paused of curtailments.paused.values()) {
    if (paused.job === number) {
      return paused;
    }
  }
  return undefined;
}

function stopReason(job: Job): JobStateReason | undefined {
  const stopped = activeAttempts(job).find((attempt) => attempt.stopReason !== undefined);
  return stopped?.pausedFor === undefined ? stopped?.stopReason : "curtailment";
}

export function isBeforeBegin(state: EngineState, job: Job): boolean {
  return job.spec.beginAt !== undefined && toNumber(job.spec.beginAt) > state.nowMs;
}

/** Do as many tasks run, or keep their places while they are paused, as the throttle of the array allows? */
export function isThrottled(job: Job): boolean {
  return nextTask(job) !== undefined && !mayRunMore(job);
}

/** The last failure of a job, which decided. */
function lastFailure(job: Job): FailureCategory | undefined {
  for (const attempt of [...job.history, ...activeAttempts(job)].toReversed()) {
    if (attempt.outcome?.kind === "failed") {
      return attempt.outcome.category;
    }
  }
  return undefined;
}
