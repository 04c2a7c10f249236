import {
  type ExplainJobRequest,
  type ExplainJobResponse,
  type PlanJobRequest,
  type PlanJobResponse,
} from "@ertis/api";
import { explainJob as explainJobView, planJob as planJobView } from "@ertis/scheduler-engine";
import { toNumber } from "@ertis/quantities";
import type { EngineState } from "@ertis/scheduler-engine";
import { maySee, type Person } from "../auth/people.ts";
import { jobStateToApi } from "../mapping/enums.ts";
import { type ExplainedAt, explanationToApi, planToApi } from "../mapping/explanation-to-api.ts";
import { jobIdRule, parseJobId } from "../mapping/job-ids.ts";
import { invalidField, invalidItem, type Refusal } from "../mapping/refusal.ts";
import { specFromApi } from "../mapping/spec-from-api.ts";
import { quoted, type Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { unknownJob } from "./read-jobs.ts";
import { rightsProblem } from "./submit-jobs.ts";

export async function explainJob(
  { scheduler, clock }: ServiceContext,
  { jobId }: ExplainJobRequest,
  person: Person,
): Promise<ExplainJobResponse | Refusal> {
  const id = parseJobId(jobId);
  if (id === undefined) {
    return invalidField("job_id", `found ${quoted(jobId)}, but ${jobIdRule}`);
  }
  return scheduler.read((engine, sequence) => {
    const state = engine.stateAt(toNumber(clock.now()));
    const job = state.jobs.get(id.job);
    const explanation =
      job !== undefined && maySee(person, { owner: job.owner, project: job.spec.project })
        ? explainJobView(state, id.job, id.task)
        : undefined;
    return explanation === undefined
      ? unknownJob(jobId)
      : {
          jobId,
          state: jobStateToApi[explanation.state],
          explanation: explanationToApi(explanation, explainedAt(state, sequence)),
        };
  });
}

/** Says what submitting would say: a refusal is an answer here, not an error. */
export async function planJob(
  context: ServiceContext,
  { spec }: PlanJobRequest,
  person: Person,
): Promise<PlanJobResponse | Refusal> {
  if (spec === undefined) {
    return invalidField("spec", "is not set; say what would be run");
  }
  const violations: Violation[] = [];
  const mapped = specFromApi(spec, context.limits, violations);
  const refused =
    mapped === undefined ? invalidItem(violations) : rightsProblem(context, mapped, person);
  if (mapped === undefined || refused !== undefined) {
    const value = refused ?? invalidItem(violations);
    return { result: { $case: "refused", value }, promisedStart: undefined };
  }
  const { clock, engineLimits, scheduler } = context;
  return scheduler.read((engine, sequence) => {
    const state = engine.stateAt(toNumber(clock.now()));
    const plan = planJobView(state, engineLimits, mapped, person.name);
    return planToApi(plan, explainedAt(state, sequence));
  });
}

function explainedAt(state: EngineState, sequence: number): ExplainedAt {
  return { sequence, nowMs: state.nowMs };
}
