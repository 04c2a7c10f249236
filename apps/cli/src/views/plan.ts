import { ExplanationReason, type PlanJobResponse, type PlannedStart } from "@ertis/api";
import { showDuration, showEnergy, showTimeFrom, showWatts } from "../output/format.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable } from "../terminal/text.ts";
import { renderExplanation } from "./explanation.ts";
import { renderFields } from "./fields.ts";
import { toNodeFields } from "./job-detail.ts";
import { withField } from "./with-field.ts";

/** It waits until somebody changes a quota, a budget or a site. */
const neverStarts: ReadonlySet<number> = new Set([
  ExplanationReason.ABOVE_QUOTA,
  ExplanationReason.NEVER_FITS_NOW,
]);

/** What was asked for that an answer does not repeat. */
export interface Asked {
  /** Milliseconds since the Unix epoch; 0: none. */
  readonly deadlineMs?: number | undefined;
  /** The lowest cap that it accepts; 0: whatever its tier allows. */
  readonly capMinWatts?: number | undefined;
}

function showCap(start: PlannedStart, capMinWatts: number): string {
  const { capWatts, capHighestWatts, speedPermille, gpuModel } = start;
  if (capHighestWatts > 0 && capMinWatts >= capHighestWatts) {
    return `never capped here: it accepts ${capMinWatts} W or more, and ${gpuModel} takes caps up to ${capHighestWatts} W`;
  }
  return capWatts === 0
    ? ""
    : `${capWatts} W a GPU, ${Math.round(speedPermille / 10)} % of full speed`;
}

/** The switch or NVLink domain that its data stays in. */
function showNetwork({ hasFabric, fabricDomain, fabricLevel, nodes }: PlannedStart): string {
  if (!hasFabric) {
    return "";
  }
  return fabricDomain === ""
    ? `no switch or NVLink domain holds all ${nodes.length} nodes`
    : `all in ${fabricDomain} (${fabricLevel})`;
}

/** What a deadline is worth to a job that takes all the time it asks for; empty when it is kept, or there is none. */
export function showMissed(
  { endsByTimeMs, computedAtTimeMs }: PlannedStart,
  deadlineMs: number,
): string {
  const lateMs = endsByTimeMs - deadlineMs;
  return deadlineMs === 0 || lateMs <= 0
    ? ""
    : `${showTimeFrom(deadlineMs, computedAtTimeMs)}: missed by ${showDuration(lateMs)} if it uses its walltime`;
}

interface StartView {
  readonly title: string;
  readonly style: Style;
  readonly asked: Asked;
}

function renderStart(start: PlannedStart, { title, style, asked }: StartView): readonly string[] {
  return [
    paint(style, "good", `${style.isUnicode ? "✓ " : ""}${title}`),
    ...renderStartFields(start, style, asked),
  ];
}

/** The start that would be kept for who waits. */
function renderPromised(
  start: PlannedStart | undefined,
  style: Style,
  asked: Asked,
): readonly string[] {
  if (start === undefined) {
    return [];
  }
  const when = showTimeFrom(start.startTimeMs, start.computedAtTimeMs);
  return [
    "",
    paint(style, "strong", `would be kept for it: a start by ${when}`),
    ...renderStartFields(start, style, asked),
  ];
}

function renderStartFields(start: PlannedStart, style: Style, asked: Asked): readonly string[] {
  return renderFields(
    [
      { name: "site", text: start.site },
      { name: "model", text: start.gpuModel },
      { name: "cap", text: showCap(start, asked.capMinWatts ?? 0) },
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
          start.endsByTimeMs === 0 ? "" : showTimeFrom(start.endsByTimeMs, start.computedAtTimeMs),
      },
      { name: "deadline", text: showMissed(start, asked.deadlineMs ?? 0), tone: "bad" },
      {
        name: "would stop",
        text: start.preemptedJobIds.length === 0 ? "" : `jobs ${start.preemptedJobIds.join(", ")}`,
        tone: "warn",
      },
      {
        name: "would lower",
        text:
          start.loweredJobIds.length === 0
            ? ""
            : `the caps of jobs ${start.loweredJobIds.join(", ")}`,
        tone: "warn",
      },
      { name: "ramp", text: start.rampSummary, tone: "warn" },
      { name: "network", text: showNetwork(start) },
      ...toNodeFields("nodes", start.nodes),
    ],
    style,
  );
}

/** What would become of a job. */
export function renderPlan(
  answer: PlanJobResponse,
  style: Style,
  asked: Asked = {},
): readonly string[] {
  const { result } = answer;
  switch (result?.$case) {
    case "startNow":
      return renderStart(result.value, { title: "would start now", style, asked });
    case "startAfterPreemption": {
      const { startTimeMs, computedAtTimeMs } = result.value;
      const when = showTimeFrom(startTimeMs, computedAtTimeMs);
      const title = `would start by ${when}, once others have stopped`;
      return renderStart(result.value, { title, style, asked });
    }
    case "startAfterLowering": {
      const { startTimeMs, computedAtTimeMs } = result.value;
      const title =
        startTimeMs === 0
          ? "would start once the caps of others have fallen; no moment is promised, as ramps or jobs ahead of it may come first"
          : `would start by ${showTimeFrom(startTimeMs, computedAtTimeMs)}, as soon as the caps of others have fallen`;
      return renderStart(result.value, { title, style, asked });
    }
    case "waits": {
      const nowMs = result.value.computedAtTimeMs;
      const isHopeless = neverStarts.has(result.value.reason);
      const title = isHopeless
        ? `${style.isUnicode ? "✗ " : ""}would be accepted, but cannot start as things are`
        : `${style.isUnicode ? "○ " : ""}would be accepted and wait`;
      return [
        paint(style, isHopeless ? "bad" : "warn", title),
        ...renderExplanation(result.value, { style, nowMs }),
        ...renderPromised(answer.promisedStart, style, asked),
      ];
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
