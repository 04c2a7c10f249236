import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { type JobFilter, jobMatcher } from "./job-filter.ts";
import { type JobView, jobView, type ViewDetail } from "./job-view.ts";
import { type TaskView, taskView } from "./task-view.ts";

/**
 * Reads run inside the writer's loop, so a listing looks at this many jobs and then answers with
 * what it found and where to go on.
 */
export const jobsLookedAtMax = 20_000;

/** Where a listing goes on: the first entry that was not listed. */
export interface JobCursor {
  readonly job: JobNumber;
  /** 0 unless arrays are listed task by task. */
  readonly task: number;
}

export interface JobPage {
  /** Most entries wanted, at least 1. */
  readonly size: number;
  readonly from?: JobCursor;
  readonly detail?: ViewDetail;
  /** True: an array is listed task by task. */
  readonly isExpanded?: boolean;
  /** Most jobs looked at; for tests and for callers in a hurry. */
  readonly lookedAtMax?: number;
}

export interface JobList {
  /** Newest first; tasks of one array from the first. May be empty although there is more. */
  readonly jobs: readonly (JobView | TaskView)[];
  /** Absent: nothing more. */
  readonly next: JobCursor | undefined;
}

export function getJob(
  state: EngineState,
  number: JobNumber,
  detail: ViewDetail = "whole",
): JobView | undefined {
  const job = state.jobs.get(number);
  return job === undefined ? undefined : jobView(state, job, detail);
}

/** One task of an array; the only task of another job is task 0. */
export function getTask(
  state: EngineState,
  number: JobNumber,
  task: number,
  detail: ViewDetail = "whole",
): TaskView | undefined {
  const job = state.jobs.get(number);
  return job === undefined || task < 0 || task >= job.spec.taskCount
    ? undefined
    : taskView(state, job, task, detail);
}

export function listJobs(state: EngineState, filter: JobFilter, page: JobPage): JobList {
  const found: (JobView | TaskView)[] = [];
  const lookedAtMax = page.lookedAtMax ?? jobsLookedAtMax;
  const detail = page.detail ?? "summary";
  const isMatch = jobMatcher(filter);
  let lookedAt = 0;
  for (const job of newestFirst(state, filter, page.from?.job ?? state.nextJob)) {
    if (found.length >= page.size || lookedAt >= lookedAtMax) {
      return { jobs: found, next: { job: job.number, task: 0 } };
    }
    lookedAt += 1;
    if (!isMatch(job)) {
      continue;
    }
    if (page.isExpanded !== true || job.spec.taskCount === 1) {
      found.push(jobView(state, job, detail));
      continue;
    }
    const firstTask = page.from?.job === job.number ? page.from.task : 0;
    for (let task = firstTask; task < job.spec.taskCount; task += 1) {
      if (found.length >= page.size) {
        return { jobs: found, next: { job: job.number, task } };
      }
      found.push(taskView(state, job, task, detail));
    }
  }
  return { jobs: found, next: undefined };
}

/** Jobs up to a number, newest first; only those named, where a filter names some. */
function* newestFirst(
  state: EngineState,
  filter: JobFilter,
  upTo: JobNumber,
): Generator<Job, void, void> {
  if (filter.jobs === undefined) {
    yield* state.jobs.before(upTo + 1);
    return;
  }
  const numbers = [...new Set(filter.jobs)].filter((number) => number <= upTo);
  for (const number of numbers.toSorted((a, b) => b - a)) {
    const job = state.jobs.get(number);
    if (job !== undefined) {
      yield job;
    }
  }
}
