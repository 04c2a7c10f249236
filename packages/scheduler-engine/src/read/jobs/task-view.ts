import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job, JobState } from "../../state/job.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { hasTask } from "../../state/task-ranges.ts";
import {
  attemptView,
  energyUpperBound,
  type JobView,
  pendingState,
  type ViewDetail,
  workOfTask,
} from "./job-view.ts";
import { deadlineLateMs } from "./deadline-late.ts";
import { pausedBy } from "./paused-by.ts";
import { isBeforeBegin, isThrottled, type JobStateReason } from "./state-reason.ts";

/** One task of an array. What is not of the task is of its job. */
export interface TaskView extends Omit<JobView, "state" | "taskCounts" | "energyJoules"> {
  readonly task: number;
  readonly state: JobState;
}

/** Cheap however large the array is: listings ask for a thousand tasks of one array. */
export function taskView(state: EngineState, job: Job, task: number, detail: ViewDetail): TaskView {
  const active = job.active?.get(task);
  const over = job.history.filter((attempt) => attempt.task === task);
  const attempts = active === undefined ? over : [active, ...over];
  const isPending = hasTask(job.pending, task);
  const first = over.at(0) ?? active;
  const finishedAtMs =
    isPending || goesOn(active) ? undefined : (active ?? over.at(-1))?.exitedAtMs;
  return {
    number: job.number,
    owner: job.owner,
    spec: job.spec,
    task,
    state: isPending ? pendingState(job) : taskState(job, task, active ?? over.at(-1)),
    reason: isPaused(state, job, task)
      ? "curtailment"
      : taskReason(state, job, isPending, active ?? over.at(-1)),
    message: job.reason === "" ? pausedText(state, job, task) : job.reason,
    submittedAtMs: job.submittedAtMs,
    firstStartedAtMs: first?.attempt === 1 ? first.startedAtMs : undefined,
    finishedAtMs,
    attempts: attempts.map((attempt) => attemptView(state, attempt, detail)),
    energyUpperBound: energyUpperBound(state, attempts),
    attemptCount: active?.attempt ?? over.at(-1)?.attempt ?? (isPending ? 0 : 1),
    retriesUsedCount: job.tries?.get(task)?.retriesUsed ?? 0,
    generation: job.generation,
    workDoneMs: workOfTask(state, job, task),
    reservedStartMs: undefined,
    deadlineLateMs: deadlineLateMs(state, job, {
      finishedAtMs,
      active: active === undefined ? [] : [active],
      isPending,
    }),
  };
}

/** It waits to come back, which is told before what its array waits for. */
function isPaused({ curtailments }: EngineState, job: Job, task: number): boolean {
  const isPending = hasTask(job.pending, task) && !job.isHeld;
  return isPending && curtailments.paused.has(taskIdOf({ job: job.number, task }));
}

/** Its attempt that was paused may be forgotten by now, which would tell for what. */
function pausedText(state: EngineState, job: Job, task: number): string {
  const paused = state.curtailments.paused.get(taskIdOf({ job: job.number, task }));
  const by = paused === undefined ? "" : pausedBy(state, paused);
  return by === "" || !isPaused(state, job, task) ? "" : `for curtailment "${by}"`;
}

function goesOn(attempt: Attempt | undefined): boolean {
  return attempt !== undefined && (attempt.phase !== "exited" || attempt.isRetried);
}

/** Of a task that does not wait; `last` is its attempt that goes on or ended last. */
function taskState(job: Job, task: number, last: Attempt | undefined): JobState {
  if (last === undefined) {
    return ending(job, task);
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

/** How a task ended whose attempts are forgotten. */
function ending(job: Job, task: number): JobState {
  if (hasTask(job.failedTasks, task)) {
    return "failed";
  }
  return hasTask(job.cancelledTasks, task) ? "cancelled" : "succeeded";
}
