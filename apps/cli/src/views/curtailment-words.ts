import {
  type Curtailment,
  CurtailmentMode,
  CurtailmentState,
  curtailmentStateToJSON,
} from "@ertis/api";
import { showDuration, showEnum, showTimeFrom, showWatts } from "../output/format.ts";
import type { Cell } from "../output/table.ts";

/** `70.0 %` of 1000 thousandths. */
export function showPermille(permille: number): string {
  return permille % 10 === 0 ? `${permille / 10} %` : `${(permille / 10).toFixed(1)} %`;
}

export function showMode(mode: CurtailmentMode): string {
  return mode === CurtailmentMode.EMERGENCY ? "emergency" : "planned";
}

/** `floors of tier 50 %, tier 25 %`; empty: none. */
export function showGivenUp({ giveUpTierPercents }: Curtailment): string {
  const tiers = giveUpTierPercents.map((percent) => `tier ${percent} %`);
  return tiers.length === 0 ? "" : `floors of ${tiers.join(", ")}`;
}

/** `6.54 MW (30 % below the 9.34 MW of the hour before)`. */
export function showTarget({
  targetWatts,
  baselineWatts,
  baselineMeasuredMs,
}: Curtailment): string {
  if (baselineWatts === 0) {
    return showWatts(targetWatts);
  }
  const permille = Math.round((1 - targetWatts / baselineWatts) * 1_000);
  const where = permille >= 0 ? "below" : "above";
  return `${showWatts(targetWatts)} (${showPermille(Math.abs(permille))} ${where} the ${showWatts(baselineWatts)} ${baselineOf(baselineMeasuredMs)})`;
}

const hourMs = 3_600_000;
/** Meters are read a minute apart: so much may be missing of an hour that was measured all along. */
const missedMs = 120_000;

function baselineOf(measuredMs: number | undefined): string {
  if (measuredMs === 0) {
    return "that could be drawn: nothing is measured yet";
  }
  return measuredMs === undefined || measuredMs >= hourMs - missedMs
    ? "of the hour before"
    : `of the hour before, ${showDuration(measuredMs)} measured`;
}

/** `2026-11-25 18:00:00 (in 30 min) for 4 h, ramp 5 min`. */
export function showWindow(curtailment: Curtailment, nowMs: number): string {
  const { startTimeMs, endTimeMs, rampMs } = curtailment;
  const ramp = rampMs === 0 ? "at once" : `ramp ${showDuration(rampMs)}`;
  return `${showTimeFrom(startTimeMs, nowMs)} for ${showDuration(endTimeMs - startTimeMs)}, ${ramp}`;
}

export function toStateCell(state: CurtailmentState, isUnicode: boolean): Cell {
  const text = showEnum(state, curtailmentStateToJSON, "CURTAILMENT_STATE_");
  const mark = (symbol: string, plain: string): string => (isUnicode ? symbol : plain);
  switch (state) {
    case CurtailmentState.SCHEDULED:
      return { text: `${mark("○", "o")} ${text}`, tone: "warn" };
    case CurtailmentState.ACTIVE:
      return { text: `${mark("▼", "v")} ${text}`, tone: "busy" };
    case CurtailmentState.ENDED:
      return { text: `${mark("✓", "+")} ${text}`, tone: "dim" };
    case CurtailmentState.CANCELLED:
      return { text: `${mark("✗", "x")} ${text}`, tone: "dim" };
    default:
      return { text };
  }
}
