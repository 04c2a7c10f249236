import type { EngineState } from "../../state/engine-state.ts";
import { isFinished, type Job } from "../../state/job.ts";
import type { ChangeJobs } from "../../words/command.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { isEmptyFilter, type JobFilter, jobMatcher } from "./job-filter.ts";
import { jobsLookedAtMax } from "./jobs.ts";

/** Which jobs a cancel, hold or release means: those named and those that match. */
export interface JobSelector {
  readonly jobs?: readonly JobNumber[];
  readonly filter?: JobFilter;
}

/** Jobs one action may name or match at most. */
const jobsSelectedMax = 10_000;

export interface SelectPage {
  readonly size?: number;
  /** Matching goes on after this job; the named ones come with the first page only. */
  readonly after?: JobNumber;
  readonly lookedAtMax?: number;
}

export type JobSelection =
  | {
      readonly kind: "selected";
      /** The named in their order, known or not, then the matching, oldest first. */
      readonly jobs: readonly JobNumber[];
      /** Jobs looked at in this call that match as well and are over the page's size. */
      readonly remainingCount: number;
      /** Call again with `after` set to this; absent: all jobs were looked at. */
      readonly next: JobNumber | undefined;
    }
  /** Neither names nor a filter: an error, never "all". */
  | { readonly kind: "empty-selector"; readonly message: string };

/**
 * Matching leaves out jobs on which the action would change nothing, so that repeating the call
 * goes on with the rest; named jobs are always taken, so that each gets its own answer.
 */
export function selectJobs(
  state: EngineState,
  selector: JobSelector,
  action: ChangeJobs["kind"],
  page: SelectPage = {},
): JobSelection {
  const { filter } = selector;
  const named = [...new Set(selector.jobs ?? [])];
  const isFiltering = filter !== undefined && !isEmptyFilter(filter);
  if (named.length === 0 && !isFiltering) {
    return {
      kind: "empty-selector",
      message: "selector: names no job and no filter; name jobs, or set a field of the filter",
    };
  }
  const size = page.size ?? jobsSelectedMax;
  const jobs = page.after === undefined ? named.slice(0, size) : [];
  let remainingCount = page.after === undefined ? named.length - jobs.length : 0;
  if (!isFiltering) {
    return { kind: "selected", jobs, remainingCount, next: undefined };
  }
  const isNamed = new Set(named);
  const isMatch = jobMatcher(filter);
  let lookedAt = 0;
  let last = page.after ?? 0;
  for (const job of state.jobs.after(last)) {
    if (lookedAt >= (page.lookedAtMax ?? jobsLookedAtMax)) {
      return { kind: "selected", jobs, remainingCount, next: last };
    }
    lookedAt += 1;
    last = job.number;
    if (isNamed.has(job.number) || !isOpenTo(job, action) || !isMatch(job)) {
      continue;
    }
    if (jobs.length < size) {
      jobs.push(job.number);
    } else {
      remainingCount += 1;
    }
  }
  return { kind: "selected", jobs, remainingCount, next: undefined };
}

/** Would the action change anything about the job? */
function isOpenTo(job: Job, action: ChangeJobs["kind"]): boolean {
  if (isFinished(job) || job.isCancelled) {
    return false;
  }
  switch (action) {
    case "cancel-jobs":
      return true;
    case "hold-jobs":
      return !job.isHeld;
    case "release-jobs":
      return job.isHeld;
  }
}
