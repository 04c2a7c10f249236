import { ExplanationReason, type PlanJobResponse, type PlannedStart } from "@ertis/api";
import { showEnergy, showTimeFrom, showWatts } from "../output/format.ts";
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

function showCap({ capWatts, speedPermille }: PlannedStart): string {
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
        { name: "network", text: showNetwork(start) },
        ...toNodeFields("nodes", start.nodes),
      ],
      style,
    ),
  ];
}

/** What would become of a job. */
export function renderPlan(answer: PlanJobResponse, style: Style): readonly string[] {
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
      const isHopeless = neverStarts.has(result.value.reason);
      const title = isHopeless
        ? `${style.isUnicode ? "✗ " : ""}would be accepted, but cannot start as things are`
        : `${style.isUnicode ? "○ " : ""}would be accepted and wait`;
      return [
        paint(style, isHopeless ? "bad" : "warn", title),
        ...renderExplanation(result.value, { style, nowMs }),
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
