import { toNumber } from "@ertis/quantities";
import { type CurtailmentRecord, rampFromWatts } from "../../state/curtailments.ts";

/** What says where a ramp begins, and where it leads. */
export type RampLine = Pick<CurtailmentRecord, "curtailment" | "drawnBeforeWatts">;

/**
 * What a curtailment allows on average over a stretch of time, whole watts: what was drawn before the start, the line
 * of its ramp, then its target. A mean draw is compared with the mean of what was allowed while it was measured:
 * just after a ramp the measured minute still holds some of it.
 */
export function allowedMean(
  line: RampLine,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number {
  const { start, ramp, target } = line.curtailment;
  const targetWatts = toNumber(target);
  const before = rampFromWatts(line);
  const rampMs = toNumber(ramp);
  const fallenMs = (atMs: number): number => fallenUntil(atMs - toNumber(start), rampMs);
  const spanMs = Math.max(1, untilMs - fromMs);
  const part = (fallenMs(untilMs) - fallenMs(untilMs - spanMs)) / spanMs;
  return Math.round(before - part * (before - targetWatts));
}

/** Integral of the part of the way down, 0 to 1, from the start until so long after it. */
function fallenUntil(sinceMs: number, rampMs: number): number {
  if (sinceMs <= 0) {
    return 0;
  }
  return sinceMs < rampMs ? sinceMs ** 2 / (2 * rampMs) : sinceMs - rampMs / 2;
}
