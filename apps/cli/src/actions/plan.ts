import { PlanJobResponse } from "@ertis/api";
import type { JobRequest } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toRejectionExitCode } from "../exit-codes.ts";
import { printItems, printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { renderPlan } from "../views/plan.ts";
import { createPlanListing, type PlannedJob } from "../views/plans-table.ts";
import { type JobFlags, readRequests } from "./read-requests.ts";
import { type Session, withSession } from "./session.ts";
import { warnOfClasses } from "./workload-classes.ts";

/** Each is a question of its own to the scheduler. */
const plannedJobsMax = 100;

export interface PlanFlags extends ConnectionFlags, OutputFlags, JobFlags {}

/** What would become of the job, or of each job of a file, now; nothing is submitted. */
export async function runPlan(
  terminal: Terminal,
  words: readonly string[],
  flags: PlanFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const specs = await readRequests(terminal, session, { words, flags });
    const [spec, ...others] = specs;
    if (spec === undefined || specs.length > plannedJobsMax) {
      throw new UsageError(
        `a plan is of 1 to ${plannedJobsMax} jobs, and the file holds ${specs.length}`,
      );
    }
    await warnOfClasses(terminal, session, specs);
    if (others.length > 0) {
      return planEach(terminal, session, specs, flags);
    }
    const answer = await session.client.plan(spec);
    const style = findStyle(terminal.env, terminal.stdout);
    await printOne(terminal, flags, {
      lines: () =>
        renderPlan(answer, style, {
          deadlineMs: spec.deadlineTimeMs,
          capMinWatts: spec.capMinWatts,
        }),
      json: PlanJobResponse.toJSON(answer),
      name: answer.result?.$case ?? "",
    });
    return answer.result?.$case === "refused"
      ? toRejectionExitCode(answer.result.value.reason)
      : exitCodes.ok;
  });
}

/** One after the other: each is planned alone, as if the others were not there. */
async function planEach(
  terminal: Terminal,
  session: Session,
  specs: readonly JobRequest[],
  flags: PlanFlags,
): Promise<ExitCode> {
  const planned: PlannedJob[] = [];
  for (const spec of specs) {
    planned.push({ spec, answer: await session.client.plan(spec) });
  }
  const { isUnicode } = findStyle(terminal.env, terminal.stdout);
  await printItems(terminal, flags, planned, createPlanListing(isUnicode));
  terminal.stderr.write(
    "each is planned alone, as if the others were not there: together they may start later\n",
  );
  const refused = planned
    .map(({ answer: { result } }) => result)
    .find((result) => result?.$case === "refused");
  return refused?.$case === "refused" ? toRejectionExitCode(refused.value.reason) : exitCodes.ok;
}
