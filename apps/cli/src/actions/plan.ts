import { PlanJobResponse, type PlannedStart } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toRejectionExitCode } from "../exit-codes.ts";
import { showEnergy, showTimeFrom, showWatts } from "../output/format.ts";
import { printOne } from "../output/print.ts";
import { findStyle, paint, type Style } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { renderExplanation } from "../views/explanation.ts";
import { renderFields } from "../views/fields.ts";
import { toNodeFields } from "../views/job-detail.ts";
import { type JobFlags, readRequests, withField } from "./submit.ts";
import { withSession } from "./session.ts";

export interface PlanFlags extends ConnectionFlags, OutputFlags, JobFlags {}

function showCap({ capWatts, speedPermille }: PlannedStart): string {
  return capWatts === 0
    ? ""
    : `${capWatts} W a GPU, ${Math.round(speedPermille / 10)} % of full speed`;
}

function renderStart(start: PlannedStart, title: string, style: Style): readonly string[] {
  return [
    paint(style, "good", `${style.isUnicode ? "✓ " : ""}${title}`),
    ...renderFields(
      [
        { name: "site", text: start.site },
        { name: "model", text: start.gpuModel },
        { name: "cap", text: showCap(start) },
        { name: "power", text: `${showWatts(start.powerReservedWatts)} reserved` },
        {
          name: "energy",
          text:
            start.energyUpperBoundJoules === 0n
              ? ""
              : `${showEnergy(start.energyUpperBoundJoules)} at most`,
        },
        {
          name: "ends by",
          text:
            start.endsByTimeMs === 0
              ? ""
              : showTimeFrom(start.endsByTimeMs, start.computedAtTimeMs),
        },
        {
          name: "would stop",
          text:
            start.preemptedJobIds.length === 0 ? "" : `jobs ${start.preemptedJobIds.join(", ")}`,
          tone: "warn",
        },
        ...toNodeFields("nodes", start.nodes),
      ],
      style,
    ),
  ];
}

function renderPlan(answer: PlanJobResponse, style: Style): readonly string[] {
  const { result } = answer;
  switch (result?.$case) {
    case "startNow":
      return renderStart(result.value, "would start now", style);
    case "startAfterPreemption": {
      const { startTimeMs, computedAtTimeMs } = result.value;
      const when = showTimeFrom(startTimeMs, computedAtTimeMs);
      return renderStart(result.value, `would start by ${when}, once others have stopped`, style);
    }
    case "waits": {
      const nowMs = result.value.computedAtTimeMs;
      const title = `${style.isUnicode ? "○ " : ""}would be accepted and wait`;
      return [paint(style, "warn", title), ...renderExplanation(result.value, { style, nowMs })];
    }
    case "refused": {
      const { reason, field, message } = result.value;
      const title = `${style.isUnicode ? "✗ " : ""}would be refused (${reason})`;
      return [paint(style, "bad", title), toPrintable(withField(field, message))];
    }
    case undefined:
      return ["the scheduler gives no answer"];
  }
}

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
    const answer = await session.client.plan(spec);
    const style = findStyle(terminal.env, terminal.stdout);
    await printOne(terminal, flags, {
      lines: () => renderPlan(answer, style),
      json: PlanJobResponse.toJSON(answer),
      name: answer.result?.$case ?? "",
    });
    return answer.result?.$case === "refused"
      ? toRejectionExitCode(answer.result.value.reason)
      : exitCodes.ok;
  });
}
