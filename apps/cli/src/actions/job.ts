import { ExplainJobResponse, ExplanationReason, Job } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { renderExplanation } from "../views/explanation.ts";
import { renderJob, showEnd } from "../views/job-detail.ts";
import { withSession } from "./session.ts";

export type ShowFlags = ConnectionFlags & OutputFlags;

export async function runJob(
  terminal: Terminal,
  jobId: string,
  flags: ShowFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const [job, nowMs] = await Promise.all([session.client.job(jobId), session.findNowMs()]);
    const style = findStyle(terminal.env, terminal.stdout);
    await printOne(terminal, flags, {
      lines: () => renderJob(job, { style, nowMs }),
      json: Job.toJSON(job),
      name: job.id,
    });
    return exitCodes.ok;
  });
}

export async function runWhy(
  terminal: Terminal,
  jobId: string,
  flags: ShowFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const answer = await session.client.explain(jobId);
    const { explanation } = answer;
    const style = findStyle(terminal.env, terminal.stdout);
    const isTable = flags.output === "table" || flags.output === "wide";
    // Nothing is in the way of a job that has ended: who asks wants to know how it ended.
    const ended =
      isTable && explanation?.reason === ExplanationReason.FINISHED
        ? await session.client.job(jobId)
        : undefined;
    await printOne(terminal, flags, {
      lines: () =>
        ended !== undefined
          ? [`it has ended: ${toPrintable(showEnd(ended))}`]
          : explanation === undefined
            ? ["the scheduler gives no explanation"]
            : renderExplanation(explanation, { style, nowMs: explanation.computedAtTimeMs }),
      json: ExplainJobResponse.toJSON(answer),
      name: answer.jobId,
    });
    return exitCodes.ok;
  });
}
