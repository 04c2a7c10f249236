import type { EngineState } from "../state/engine-state.ts";
import type { Attempt, Job, JobState } from "../state/job.ts";
import { hasTask } from "../state/task-ranges.ts";
import {
  attemptView,
  energyUpperBound,
  type JobView,
  pendingState,
  type ViewDetail,
} from "./job-view.ts";
import { isBeforeBegin, isThrottled, type JobStateReason } from "./state-reason.ts";

/** One task of an array. What is not of the task is of its job. */
export interface TaskView extends Omit<JobView, "state" | "taskCounts" | "energyJoules"> {
  readonly task: number;
  /** Absent: it is over and how it ended is no longer in memory, only in the log. */
  readonly state: JobState | undefined;
}

/** Cheap however large the array is: listings ask for a thousand tasks of one array. */
export function taskView(state: EngineState, job: Job, task: number, detail: ViewDetail): TaskView {
  const active = job.active?.get(task);
  const over = job.history.filter((attempt) => attempt.task === task);
  const attempts = active === undefined ? over : [active, ...over];
  const isPending = hasTask(job.pending, task);
  const first = over.at(0) ?? active;
  return {
    number: job.number,
    owner: job.owner,
    spec: job.spec,
    task,
    state: isPending ? pendingState(job) : taskState(job, active ?? over.at(-1)),
    reason: taskReason(state, job, isPending, active ?? over.at(-1)),
    message: job.reason,
    submittedAtMs: job.submittedAtMs,
    firstStartedAtMs: first?.attempt === 1 ? first.startedAtMs : undefined,
    finishedAtMs: isPending || goesOn(active) ? undefined : (active ?? over.at(-1))?.exitedAtMs,
    attempts: attempts.map((attempt) => attemptView(state, attempt, detail)),
    energyUpperBound: energyUpperBound(state, attempts),
    generation: job.generation,
  };
}

function goesOn(attempt: Attempt | undefined): boolean {
  return attempt !== undefined && (attempt.phase !== "exited" || attempt.isRetried);
}

/** Of a task that does not wait; `last` is its attempt that goes on or ended last. */
function taskState(job: Job, last: Attempt | undefined): JobState | undefined {
  if (last === undefined) {
    return onlyEnding(job);
  }
  if (last.phase !== "exited") {
    return last.phase;
  }
  if (last.isRetried) {
    return "stopping";
  }
  if (last.outcome?.kind === "succeeded") {
    return "succeeded";
  }
  return last.stopReason === "cancelled" || job.isCancelled ? "cancelled" : "failed";
}

function taskReason(
  state: EngineState,
  job: Job,
  isPending: boolean,
  last: Attempt | undefined,
): JobStateReason | undefined {
  if (!isPending) {
    return (
      last?.stopReason ?? (last?.outcome?.kind === "failed" ? last.outcome.category : undefined)
    );
  }
  if (job.isHeld) {
    return "held";
  }
  if (!job.isReady) {
    return isBeforeBegin(state, job) ? "begin-time" : "dependency";
  }
  return isThrottled(job) ? "array-throttle" : undefined;
}

/** How a forgotten task ended, where all finished tasks of its array ended alike. */
function onlyEnding(job: Job): JobState | undefined {
  const { succeededCount, failedCount, cancelledCount } = job;
  if (failedCount + cancelledCount === 0) {
    return "succeeded";
  }
  if (succeededCount + cancelledCount === 0) {
    return "failed";
  }
  return succeededCount + failedCount === 0 ? "cancelled" : undefined;
}
