import { PlanJobResponse } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toRejectionExitCode } from "../exit-codes.ts";
import { printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { renderPlan } from "../views/plan.ts";
import { type JobFlags, readRequests } from "./read-requests.ts";
import { withSession } from "./session.ts";
import { warnOfClasses } from "./workload-classes.ts";

export interface PlanFlags extends ConnectionFlags, OutputFlags, JobFlags {}

/** What would become of the job now; nothing is submitted. */
export async function runPlan(
  terminal: Terminal,
  words: readonly string[],
  flags: PlanFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const [spec, ...others] = await readRequests(terminal, session, { words, flags });
    if (spec === undefined || others.length > 0) {
      throw new UsageError(`a plan is of one job, and the file holds ${others.length + 1}`);
    }
    await warnOfClasses(terminal, session, [spec]);
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
