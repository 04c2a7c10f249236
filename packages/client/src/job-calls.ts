import {
  type CancelJobsResponse,
  type ExplainJobResponse,
  type HoldJobsResponse,
  type Job,
  type JobActionResult,
  JobFilter,
  type JobSelector,
  JobServiceService,
  JobSpec,
  JobView,
  type PlanJobResponse,
  type ReleaseJobsResponse,
  type WatchJobsResponse,
} from "@ertis/api";
import type { CallOptions } from "./caller.ts";
import type { Method } from "./connection.ts";
import type { Context } from "./context.ts";
import { toErtisError } from "./decode-error.ts";
import { ErtisError } from "./ertis-error.ts";
import { iteratePages } from "./pages.ts";
import {
  type JobRequest,
  type SubmitEntry,
  type SubmitOutcome,
  Submitter,
  type SubmitterOptions,
} from "./submitter.ts";
import { type WatchEvent, type WatchOptions, watchResumably } from "./watch.ts";

/** What a watch of jobs tells. */
export type JobsEvent = WatchEvent<WatchJobsResponse>;

/** Which jobs, and how much of each. */
export interface ListJobsOptions extends CallOptions {
  /** List arrays task by task; default false. */
  readonly expandArrays?: boolean;
  /** Default: without the long parts. */
  readonly view?: JobView;
  /** Jobs for each round trip, 1 to 1,000; default 500. */
  readonly pageSize?: number;
}

/** How a watch of jobs behaves. */
export interface WatchJobsOptions extends WatchOptions {
  /** Begin without a snapshot; default false. */
  readonly changesOnly?: boolean;
  /** Default: without the long parts. */
  readonly view?: JobView;
}

/** Which jobs to act on: those named and those that match. Both left out is refused, never "all". */
export interface JobSelection {
  readonly jobIds?: readonly string[];
  readonly filter?: Partial<JobFilter>;
}

/** Jobs. All rejections are `ErtisError`. */
export interface JobCalls {
  /**
   * Submits any number of jobs, in batches by count and bytes, several on their way at once, and says what
   * became of each, in order. Retries send the same request ids.
   */
  submit(entries: readonly SubmitEntry[], options?: SubmitterOptions): Promise<SubmitOutcome[]>;
  /** For jobs that come one by one: collects them into batches. */
  createSubmitter(options?: SubmitterOptions): Submitter;
  /** What would become of a job if it were submitted now; changes nothing. */
  plan(spec: JobRequest, options?: CallOptions): Promise<PlanJobResponse>;
  /** One job, whole. */
  job(jobId: string, options?: CallOptions): Promise<Job>;
  /** Jobs, newest first, fetched as they are read. */
  jobs(filter?: Partial<JobFilter>, options?: ListJobsOptions): AsyncIterable<Job>;
  /** Jobs as they change, through broken connections. */
  watchJobs(filter?: Partial<JobFilter>, options?: WatchJobsOptions): AsyncIterable<JobsEvent>;
  /** Why a job waits and when it may start at the earliest. */
  explain(jobId: string, options?: CallOptions): Promise<ExplainJobResponse>;
  /** Cancels jobs; goes on until every job that matches was reached. */
  cancelJobs(
    selection: JobSelection,
    reason: string,
    options?: CallOptions,
  ): Promise<JobActionResult[]>;
  /** Holds jobs that have not started. */
  holdJobs(
    selection: JobSelection,
    reason: string,
    options?: CallOptions,
  ): Promise<JobActionResult[]>;
  /** Releases held jobs. */
  releaseJobs(
    selection: JobSelection,
    reason: string,
    options?: CallOptions,
  ): Promise<JobActionResult[]>;
}

/** Most job ids the contract allows in one selector. */
const maxSelectorIds = 1_000;

type ActionResponse = CancelJobsResponse | HoldJobsResponse | ReleaseJobsResponse;

interface ActionRequest {
  selector: JobSelector | undefined;
  reason: string;
}

function assertSelects(selection: JobSelection): void {
  const filter = JobFilter.fromPartial(selection.filter ?? {});
  const isEmptyFilter = JobFilter.encode(filter).finish().length === 0;
  if ((selection.jobIds ?? []).length === 0 && isEmptyFilter) {
    throw new ErtisError({
      code: "INVALID_ARGUMENT",
      reason: "EMPTY_SELECTOR",
      message: "no job is named and the filter is empty",
      advice: "name job ids, or set at least one field of the filter",
    });
  }
}

/** The selection as selectors that keep to the contract's limit of ids. */
function toSelectors(selection: JobSelection): readonly JobSelector[] {
  assertSelects(selection);
  const { jobIds = [], filter } = selection;
  const selectors: JobSelector[] = [];
  for (let start = 0; start < jobIds.length; start += maxSelectorIds) {
    const part = jobIds.slice(start, start + maxSelectorIds);
    selectors.push({ jobIds: part, filter: undefined });
  }
  if (filter !== undefined) {
    selectors.push({ jobIds: [], filter: JobFilter.fromPartial(filter) });
  }
  return selectors;
}

async function act(
  context: Context,
  method: Method<ActionRequest, ActionResponse>,
  action: { readonly selection: JobSelection; readonly reason: string },
  options: CallOptions | undefined,
): Promise<JobActionResult[]> {
  const results: JobActionResult[] = [];
  for (const selector of toSelectors(action.selection)) {
    for (let isMore = true; isMore;) {
      const request = { selector, reason: action.reason };
      const answer = await context.caller.call(method, request, options, "if-refused");
      // Not `push(...results)`: 10,000 results of each call would be arguments on the stack.
      for (const result of answer.results) {
        results.push(result);
      }
      isMore = answer.remainingCount > 0 && answer.results.length > 0;
    }
  }
  return results;
}

async function* listJobs(
  context: Context,
  filter: Partial<JobFilter>,
  options: ListJobsOptions,
): AsyncGenerator<Job, void, undefined> {
  const { expandArrays = false, view = JobView.SUMMARY, pageSize = 500 } = options;
  yield* iteratePages(async (pageToken) => {
    const request = {
      filter: JobFilter.fromPartial(filter),
      expandArrays,
      view,
      pageSize,
      pageToken,
    };
    const page = await context.caller.call(JobServiceService.listJobs, request, options);
    return { items: page.jobs, nextPageToken: page.nextPageToken };
  });
}

async function* watchJobs(
  context: Context,
  filter: Partial<JobFilter>,
  options: WatchJobsOptions,
): AsyncGenerator<JobsEvent, void, undefined> {
  const request = {
    filter: JobFilter.fromPartial(filter),
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 0,
    changesOnly: options.changesOnly ?? false,
    view: options.view ?? JobView.SUMMARY,
  };
  yield* watchResumably({
    open: (resumeToken) =>
      context.openStream(JobServiceService.watchJobs, { ...request, resumeToken }),
    options,
    backOff: context.backOff,
    random: context.random,
  });
}

export function createJobCalls(context: Context): JobCalls {
  const { caller } = context;
  return {
    async submit(entries, options = {}) {
      const submitter = new Submitter(caller, context.findBatchLimits, options);
      return submitter.addAll(entries);
    },
    createSubmitter: (options = {}) => new Submitter(caller, context.findBatchLimits, options),
    async plan(spec, options) {
      const request = { spec: JobSpec.fromPartial(spec) };
      return caller.call(JobServiceService.planJob, request, options);
    },
    async job(jobId, options) {
      const { job } = await caller.call(JobServiceService.getJob, { jobId }, options);
      if (job === undefined) {
        throw toErtisError(new Error("the scheduler answered without a job"), true);
      }
      return job;
    },
    jobs: (filter = {}, options = {}) => listJobs(context, filter, options),
    watchJobs: (filter = {}, options = {}) => watchJobs(context, filter, options),
    async explain(jobId, options) {
      return caller.call(JobServiceService.explainJob, { jobId }, options);
    },
    async cancelJobs(selection, reason, options) {
      return act(context, JobServiceService.cancelJobs, { selection, reason }, options);
    },
    async holdJobs(selection, reason, options) {
      return act(context, JobServiceService.holdJobs, { selection, reason }, options);
    },
    async releaseJobs(selection, reason, options) {
      return act(context, JobServiceService.releaseJobs, { selection, reason }, options);
    },
  };
}
