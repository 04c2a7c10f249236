import { toNumber } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Job, jobState } from "../../state/job.ts";
import type { StopReason } from "../../words/attempt.ts";
import type { FailureCategory } from "../../words/job-spec.ts";

/** Why a job is in its state, as far as the job itself knows; `explainJob` says more of one that waits. */
export type JobStateReason =
  | "held"
  | "begin-time"
  | "dependency"
  | "array-throttle"
  | StopReason
  | FailureCategory;

export function stateReason(state: EngineState, job: Job): JobStateReason | undefined {
  switch (jobState(job)) {
    case "held":
      return "held";
    case "waiting":
      return isBeforeBegin(state, job) ? "begin-time" : "dependency";
    case "queued":
      return undefined;
    case "starting":
    case "running":
      return isThrottled(job) ? "array-throttle" : undefined;
    case "stopping":
      return activeAttempts(job).find((attempt) => attempt.stopReason !== undefined)?.stopReason;
    case "succeeded":
      return undefined;
    case "failed":
      return lastFailure(job);
    case "cancelled":
      return "cancelled";
  }
}

export function isBeforeBegin(state: EngineState, job: Job): boolean {
  return job.spec.beginAt !== undefined && toNumber(job.spec.beginAt) > state.nowMs;
}

/** Do as many tasks run as the throttle of the array allows? */
export function isThrottled(job: Job): boolean {
  const { taskThrottle } = job.spec;
  return taskThrottle > 0 && job.pending.length > 0 && job.runningCount >= taskThrottle;
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
