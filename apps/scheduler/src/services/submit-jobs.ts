import type {
  Rejection as ApiRejection,
  SubmitJobsResponse,
  SubmitResult as ApiSubmitResult,
} from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import type { JobSpec, SubmitItem, SubmitResult } from "@ertis/scheduler-engine";
import { belongsTo, isOperator, type Person } from "../auth/people.ts";
import { submitItemCountMax } from "../limits/limits.ts";
import {
  invalidField,
  invalidItem,
  itemRejection,
  Refusal,
  rejectionToApi,
} from "../mapping/refusal.ts";
import type { ReceivedSubmit } from "../mapping/received-submit.ts";
import { submitItemFromReceived } from "../mapping/submit-item.ts";
import type { Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { missedAtBestMs } from "./deadline-at-best.ts";
import { requestOrRefuse } from "./requests.ts";

/** Checks each item, submits the good ones as one command, and answers in the order of the request. */
export async function submitJobs(
  context: ServiceContext,
  { items }: ReceivedSubmit,
  person: Person,
): Promise<SubmitJobsResponse | Refusal> {
  if (items.length === 0 || items.length > submitItemCountMax) {
    return invalidField(
      "items",
      `found ${items.length}, but 1 to ${submitItemCountMax} are allowed in one call`,
    );
  }
  const results: ApiSubmitResult[] = Array.from({ length: items.length });
  const accepted: SubmitItem[] = [];
  const positions: number[] = [];
  const { limits, scheduler } = context;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    if (item === undefined) {
      continue;
    }
    const violations: Violation[] = [];
    const mapped = submitItemFromReceived(item, person.name, limits, violations);
    const rejection =
      mapped === undefined ? invalidItem(violations) : rightsProblem(context, mapped.spec, person);
    if (mapped === undefined || rejection !== undefined) {
      results[index] = rejected(rejection ?? invalidItem(violations));
    } else {
      accepted.push(mapped);
      positions.push(index);
    }
  }
  if (accepted.length > 0) {
    const reply =
      (await context.pendingJobs.hold(accepted.length, () =>
        requestOrRefuse(scheduler, {
          kind: "submit-jobs",
          owner: person.name,
          items: accepted,
        }),
      )) ?? tooManyPending(limits.jobsPendingMax);
    if (reply instanceof Refusal) {
      return reply;
    }
    if (reply.kind !== "submitted") {
      throw new Error(`submit-jobs was answered with ${reply.kind}`);
    }
    const nowMs = toNumber(context.clock.now());
    reply.results.forEach((result, at) => {
      results[positions[at] ?? 0] = resultToApi(result, accepted[at]?.spec, nowMs);
    });
  }
  return { results, sequence: scheduler.lastSequence };
}

function tooManyPending(max: number): Refusal {
  return new Refusal(
    "OVERLOADED",
    `${max} jobs wait to be made durable and no more are taken; send the same request ids again`,
    { retryAfterMs: 1_000 },
  );
}

function resultToApi(
  result: SubmitResult,
  spec: JobSpec | undefined,
  nowMs: number,
): ApiSubmitResult {
  if (result.kind === "rejected") {
    return rejected(rejectionToApi(result));
  }
  const value = `${result.job}`;
  return result.isRepeat
    ? { outcome: { $case: "alreadyAcceptedJobId", value }, deadlineMissedByMs: 0 }
    : {
        outcome: { $case: "acceptedJobId", value },
        deadlineMissedByMs: spec === undefined ? 0 : missedAtBestMs(spec, nowMs),
      };
}

function rejected(value: ApiRejection): ApiSubmitResult {
  return { outcome: { $case: "rejection", value }, deadlineMissedByMs: 0 };
}

/** What a person may not ask for although it is well formed. */
export function rightsProblem(
  { projects }: Pick<ServiceContext, "projects">,
  spec: JobSpec,
  person: Person,
): ApiRejection | undefined {
  const { project } = spec;
  if (projects.size > 0 && !projects.has(project)) {
    return itemRejection(
      "UNKNOWN_PROJECT",
      "spec.project",
      `project "${project}" does not exist; yours are ${projectsOf(person)}`,
    );
  }
  if (!belongsTo(person, project) && !isOperator(person)) {
    return itemRejection(
      "NOT_PERMITTED",
      "spec.project",
      `${person.name} does not belong to project "${project}"; yours are ${projectsOf(person)}`,
    );
  }
  if (spec.priorityClass === "urgent" && !isOperator(person)) {
    return itemRejection(
      "NOT_PERMITTED",
      "spec.priority_class",
      "priority class URGENT is for operators; use HIGH, or ask one",
    );
  }
  return undefined;
}

function projectsOf(person: Person): string {
  return person.projects.size === 0 ? "none" : [...person.projects].join(", ");
}
