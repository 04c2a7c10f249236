import type {
  GetJobRequest,
  GetJobResponse,
  Job as ApiJob,
  ListJobsRequest,
  ListJobsResponse,
} from "@ertis/api";
import {
  type EngineState,
  getJob as getJobView,
  getTask,
  listJobs as listJobViews,
  type JobCursor,
  type JobFilter,
  type JobList,
  type JobView,
  type TaskView,
} from "@ertis/scheduler-engine";
import { maySee, maySeeProgram, type Person } from "../auth/people.ts";
import {
  pageBytesMax,
  pageSizeDefault,
  pageSizeMax,
  scanJobCountMax,
  scanJobCountPerCallMax,
} from "../limits/limits.ts";
import { filterFromApi } from "../mapping/filter-from-api.ts";
import { jobIdRule, parseJobId } from "../mapping/job-ids.ts";
import { approximateBytes, isFullView, jobToApi } from "../mapping/job-to-api.ts";
import {
  decodePageToken,
  encodePageToken,
  pageTokenRule,
  questionMark,
} from "../mapping/page-token.ts";
import { invalid, invalidField, Refusal } from "../mapping/refusal.ts";
import { quoted, type Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { pageSizeOf } from "./requests.ts";

/** Views taken in one read: bounds how long a read holds up the writer. */
const viewsPerReadMax = 200;

export async function getJob(
  context: ServiceContext,
  { jobId }: GetJobRequest,
  person: Person,
): Promise<GetJobResponse | Refusal> {
  const id = parseJobId(jobId);
  if (id === undefined) {
    return invalidField("job_id", `found ${quoted(jobId)}, but ${jobIdRule}`);
  }
  const { job, task } = id;
  const found = await context.scheduler.read((engine, sequence) => ({
    view: task === undefined ? getJobView(engine.state, job) : getTask(engine.state, job, task),
    requestId: requestIdOf(engine.state, job),
    sequence,
  }));
  const { view, requestId, sequence } = found;
  return view === undefined || !isVisible(view, person)
    ? unknownJob(jobId)
    : { job: toApi({ view, requestId }, person, true), sequence };
}

/** The same answer for a job that is not there and one that is not to be seen. */
export function unknownJob(id: string): Refusal {
  return new Refusal(
    "UNKNOWN_JOB",
    `job ${id} is not known (any more), or belongs to a project that is not yours`,
  );
}

function isVisible(view: JobView | TaskView, person: Person): boolean {
  return maySee(person, { owner: view.owner, project: view.spec.project });
}

/** The id that a job was submitted with; empty when its acceptance is not remembered any more. */
export function requestIdOf({ requestIds }: EngineState, job: number): string {
  const { firstJob, count } = requestIds;
  return job >= firstJob && job < firstJob + count ? requestIds.entry(job).requestId : "";
}

export interface ReadJob {
  readonly view: JobView | TaskView;
  readonly requestId: string;
}

export function toApi({ view, requestId }: ReadJob, person: Person, isFull: boolean): ApiJob {
  return jobToApi(view, {
    isFull,
    mayHaveProgram: maySeeProgram(person, view.owner),
    requestId,
  });
}

export async function listJobs(
  context: ServiceContext,
  request: ListJobsRequest,
  person: Person,
): Promise<ListJobsResponse | Refusal> {
  const violations: Violation[] = [];
  const filter = filterFromApi(request.filter, person, "filter", violations);
  const limits = { standard: pageSizeDefault, max: pageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const mark = questionMark([filter, request.expandArrays]);
  const from = cursorOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const page = await readPage(context, {
    filter,
    size,
    from,
    isFull: isFullView(request.view),
    isExpanded: request.expandArrays,
    person,
  });
  const { next } = page;
  return {
    jobs: page.jobs,
    nextPageToken: next === undefined ? "" : encodePageToken(`${next.job}.${next.task}`, mark),
    sequence: page.sequence,
  };
}

function cursorOf(token: string, mark: string, violations: Violation[]): JobCursor | undefined {
  if (token === "") {
    return undefined;
  }
  const match = /^(\d{1,15})\.(\d{1,7})$/.exec(decodePageToken(token, mark) ?? "");
  if (match === null) {
    violations.push({ field: "page_token", description: pageTokenRule });
    return undefined;
  }
  return { job: Number(match[1]), task: Number(match[2]) };
}

export interface PageQuestion {
  readonly filter: JobFilter;
  readonly size: number;
  readonly from: JobCursor | undefined;
  readonly isFull: boolean;
  readonly isExpanded: boolean;
  readonly person: Person;
}

export interface JobsPage {
  readonly jobs: ApiJob[];
  readonly next: JobCursor | undefined;
  readonly sequence: number;
}

/** A page, in reads short enough for the writer, and small enough for one message. */
export async function readPage(
  { scheduler }: Pick<ServiceContext, "scheduler">,
  question: PageQuestion,
): Promise<JobsPage> {
  const jobs: ApiJob[] = [];
  let { from } = question;
  let bytes = 0;
  let lookedAt = 0;
  for (;;) {
    const { list, requestIds, sequence } = await scheduler.read(({ state }, at) => {
      const found = listJobViews(state, question.filter, {
        size: Math.min(viewsPerReadMax, question.size - jobs.length),
        ...(from === undefined ? {} : { from }),
        detail: question.isFull ? "whole" : "summary",
        isExpanded: question.isExpanded,
        lookedAtMax: scanJobCountMax,
      });
      const ids = found.jobs.map(({ number }) => requestIdOf(state, number));
      return { list: found, requestIds: ids, sequence: at };
    });
    lookedAt += scanJobCountMax;
    const cut = take({ ...list, requestIds }, question, jobs, bytes);
    bytes = cut.bytes;
    from = cut.next;
    const isEnough =
      from === undefined ||
      jobs.length >= question.size ||
      bytes >= pageBytesMax ||
      lookedAt >= scanJobCountPerCallMax;
    if (isEnough) {
      return { jobs, next: from, sequence };
    }
  }
}

/** Adds jobs until the page is large enough; says where to go on. */
function take(
  list: JobList & { readonly requestIds: readonly string[] },
  { person, isFull }: PageQuestion,
  jobs: ApiJob[],
  bytesBefore: number,
): { readonly bytes: number; readonly next: JobCursor | undefined } {
  let bytes = bytesBefore;
  for (const [index, view] of list.jobs.entries()) {
    if (bytes >= pageBytesMax) {
      return { bytes, next: { job: view.number, task: "task" in view ? view.task : 0 } };
    }
    const requestId = list.requestIds[index] ?? "";
    const job = toApi({ view, requestId }, person, isFull);
    bytes += approximateBytes(job);
    jobs.push(job);
  }
  return { bytes, next: list.next };
}
