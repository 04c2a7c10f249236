import {
  type CancelJobsRequest,
  type CancelJobsResponse,
  JobActionOutcome,
  type JobActionResult,
  type JobSelector as ApiJobSelector,
  JobState as ApiJobState,
} from "@ertis/api";
import {
  type ChangeJobs,
  type ChangeResult,
  type Engine,
  type JobFilter,
  jobState,
  selectJobs,
} from "@ertis/scheduler-engine";
import { isOperator, maySee, type Person } from "../auth/people.ts";
import {
  actionJobCountMax,
  actionJobsPerCommandMax,
  reasonLengthMax,
  scanJobCountMax,
} from "../limits/limits.ts";
import { jobStateToApi } from "../mapping/enums.ts";
import { filterFromApi, isFilterEmpty, numbersFromApi } from "../mapping/filter-from-api.ts";
import { invalid, itemRejection, Refusal, rejectionToApi } from "../mapping/refusal.ts";
import { checkReason } from "../mapping/spec-names.ts";
import type { Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { requestOrRefuse } from "./requests.ts";
import { unknownJob } from "./read-jobs.ts";

type Action = ChangeJobs["kind"];

/** One job that an action means, as it was when it was chosen. */
interface Chosen {
  readonly job: number;
  readonly isUnknown: boolean;
  /** The action would change nothing. */
  readonly isSoAlready: boolean;
}

/** Cancel, hold and release: the same selector, the same answers. */
export async function changeJobs(
  context: ServiceContext,
  action: Action,
  request: CancelJobsRequest,
  person: Person,
): Promise<CancelJobsResponse | Refusal> {
  const violations: Violation[] = [];
  const selector = selectorFromApi(request.selector, person, violations);
  checkReason(
    "reason",
    request.reason,
    { isRequired: action === "cancel-jobs", lengthMax: reasonLengthMax },
    violations,
  );
  if (violations.length > 0) {
    return invalid(violations);
  }
  const { chosen, remainingCount } = await choose(context, action, selector, person);
  const results: JobActionResult[] = [];
  for (let from = 0; from < chosen.length; from += actionJobsPerCommandMax) {
    const part = chosen.slice(from, from + actionJobsPerCommandMax);
    const outcome = await act(context, action, part, { reason: request.reason, person });
    if (outcome instanceof Refusal) {
      return outcome;
    }
    results.push(...outcome);
  }
  return { results, remainingCount, sequence: context.scheduler.lastSequence };
}

interface Selector {
  readonly jobs: readonly number[];
  readonly filter: JobFilter | undefined;
}

function selectorFromApi(
  selector: ApiJobSelector | undefined,
  person: Person,
  violations: Violation[],
): Selector {
  const named = selector?.jobIds ?? [];
  const isFilterSet = !isFilterEmpty(selector?.filter);
  if (named.length === 0 && !isFilterSet) {
    violations.push({
      field: "selector",
      description:
        "is empty, which never means all; name jobs in job_ids, or set a field of filter",
    });
    return { jobs: [], filter: undefined };
  }
  const jobs = numbersFromApi(named, "selector.job_ids", violations);
  if (!isFilterSet) {
    return { jobs, filter: undefined };
  }
  const filter = filterFromApi(selector?.filter, person, "selector.filter", violations);
  // Others' jobs would only be refused one by one; a researcher who filters means the own ones.
  const isOwn = filter.owner === undefined && !isOperator(person);
  return { jobs, filter: isOwn ? { ...filter, owner: person.name } : filter };
}

async function choose(
  { scheduler }: ServiceContext,
  action: Action,
  { jobs, filter }: Selector,
  person: Person,
): Promise<{ readonly chosen: readonly Chosen[]; readonly remainingCount: number }> {
  const chosen: Chosen[] = [];
  let remainingCount = 0;
  let after: number | undefined;
  do {
    const from = after;
    const selection = await scheduler.read((engine) => {
      const found = selectJobs(
        engine.state,
        filter === undefined ? { jobs } : { jobs, filter },
        action,
        {
          size: actionJobCountMax - chosen.length,
          ...(from === undefined ? {} : { after: from }),
          lookedAtMax: scanJobCountMax,
        },
      );
      if (found.kind === "selected") {
        chosen.push(...found.jobs.map((job) => lookAt(engine, action, job, person)));
      }
      return found;
    });
    if (selection.kind === "empty-selector") {
      break;
    }
    remainingCount += selection.remainingCount;
    after = selection.next;
  } while (after !== undefined);
  return { chosen, remainingCount };
}

function lookAt({ state }: Engine, action: Action, number: number, person: Person): Chosen {
  const job = state.jobs.get(number);
  if (job === undefined || !maySee(person, { owner: job.owner, project: job.spec.project })) {
    return { job: number, isUnknown: true, isSoAlready: false };
  }
  const isSoAlready =
    (action === "cancel-jobs" && job.isCancelled) || (action === "hold-jobs" && job.isHeld);
  return { job: number, isUnknown: false, isSoAlready };
}

async function act(
  { scheduler }: ServiceContext,
  action: Action,
  chosen: readonly Chosen[],
  { reason, person }: { readonly reason: string; readonly person: Person },
): Promise<readonly JobActionResult[] | Refusal> {
  const known = chosen.filter(({ isUnknown }) => !isUnknown);
  const reply =
    known.length === 0
      ? ({ kind: "jobs-changed", results: [] } as const)
      : await requestOrRefuse(scheduler, {
          kind: action,
          by: { person: person.name, mayActForOthers: isOperator(person) },
          jobs: known.map(({ job }) => job),
          reason,
        });
  if (reply instanceof Refusal) {
    return reply;
  }
  if (reply.kind !== "jobs-changed") {
    throw new Error(`${action} was answered with ${reply.kind}`);
  }
  const resultOf = new Map(known.map(({ job }, index) => [job, reply.results[index]]));
  return scheduler.read(({ state }) =>
    chosen.map((one) => {
      const job = one.isUnknown ? undefined : state.jobs.get(one.job);
      const stateNow = job === undefined ? ApiJobState.UNSPECIFIED : jobStateToApi[jobState(job)];
      return toResult(one, resultOf.get(one.job), stateNow);
    }),
  );
}

function toResult(
  chosen: Chosen,
  result: ChangeResult | undefined,
  state: ApiJobState,
): JobActionResult {
  const jobId = `${chosen.job}`;
  if (result === undefined) {
    const { reason, message } = unknownJob(jobId);
    return {
      jobId,
      outcome: JobActionOutcome.REJECTED,
      state,
      rejection: itemRejection(reason, "", message),
    };
  }
  if (result.kind === "rejected") {
    return {
      jobId,
      outcome: JobActionOutcome.REJECTED,
      state,
      rejection: rejectionToApi(result),
    };
  }
  return {
    jobId,
    outcome: chosen.isSoAlready ? JobActionOutcome.UNCHANGED : JobActionOutcome.DONE,
    state,
    rejection: undefined,
  };
}
