import { bendsMs, partAtLeast, partAtMost, type RampLimit } from "./ramp-limit.ts";
import type { RampStep } from "./ramp-ledger.ts";

/**
 * Bounds of (mean of the last window) − (the same, `perMs` before) as time goes on, however late steps
 * settle: straight lines between moments in rising order, 0 before the first and after the last.
 */
export interface ChangeProfile {
  readonly momentsMs: Float64Array;
  readonly highWatts: Float64Array;
  readonly lowWatts: Float64Array;
}

interface Bend {
  readonly atMs: number;
  /** By how much the slopes change there, in watts a ms. */
  readonly high: number;
  readonly low: number;
}

/** The part of a step between two of its bends, in time after it. */
interface BetweenBends {
  readonly sinceMs: number;
  readonly most: number;
  readonly least: number;
}

/** In one sweep over all bends of all steps, so that many steps cost little more than few. */
export function profileOf({
  limit,
  steps,
}: {
  readonly limit: RampLimit;
  readonly steps: readonly RampStep[];
}): ChangeProfile {
  const bends = bendsOf(limit, steps);
  const momentsMs = new Float64Array(bends.length);
  const highWatts = new Float64Array(bends.length);
  const lowWatts = new Float64Array(bends.length);
  let [high, low, highSlope, lowSlope, lastMs] = [0, 0, 0, 0, bends[0]?.atMs ?? 0];
  for (const [at, bend] of bends.entries()) {
    high += highSlope * (bend.atMs - lastMs);
    low += lowSlope * (bend.atMs - lastMs);
    momentsMs[at] = bend.atMs;
    highWatts[at] = rounded(high);
    lowWatts[at] = rounded(low);
    highSlope += bend.high;
    lowSlope += bend.low;
    lastMs = bend.atMs;
  }
  return { momentsMs, highWatts, lowWatts };
}

/** To whole microwatts: sums along the way differ from straight ones in their last digits. */
function rounded(watts: number): number {
  return Math.round(watts * 1e6) / 1e6;
}

function bendsOf(limit: RampLimit, steps: readonly RampStep[]): readonly Bend[] {
  const bends: Bend[] = [];
  const stretchesBySettle = new Map<number, readonly BetweenBends[]>();
  for (const { atMs, watts, settleMs } of steps) {
    const stretches = stretchesBySettle.get(settleMs) ?? stretchesOf(limit, settleMs);
    stretchesBySettle.set(settleMs, stretches);
    let [most, least] = [0, 0];
    for (const stretch of stretches) {
      const [rise, other] = [watts * (stretch.most - most), watts * (stretch.least - least)];
      const [high, low] = watts > 0 ? [rise, other] : [other, rise];
      bends.push({ atMs: atMs + stretch.sinceMs, high, low });
      [most, least] = [stretch.most, stretch.least];
    }
  }
  return bends.toSorted((a, b) => a.atMs - b.atMs);
}

/** Slopes of the parts of one watt, from each bend on. */
function stretchesOf(limit: RampLimit, settleMs: number): readonly BetweenBends[] {
  const bends = [...new Set(bendsMs(limit, settleMs))].toSorted((a, b) => a - b);
  return bends.map((sinceMs, at) => {
    const nextMs = bends[at + 1];
    if (nextMs === undefined) {
      return { sinceMs, most: 0, least: 0 };
    }
    const slope = (part: typeof partAtMost): number =>
      (part(limit, nextMs, settleMs) - part(limit, sinceMs, settleMs)) / (nextMs - sinceMs);
    return { sinceMs, most: slope(partAtMost), least: slope(partAtLeast) };
  });
}

/** The first position whose moment is after `atMs`. */
export function positionAfter({ momentsMs }: ChangeProfile, atMs: number): number {
  let [low, high] = [0, momentsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((momentsMs[middle] ?? Infinity) > atMs) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** The bounds at a moment. */
export function changeIn(
  profile: ChangeProfile,
  atMs: number,
): { readonly highWatts: number; readonly lowWatts: number } {
  const after = positionAfter(profile, atMs);
  if (after === 0 || after === profile.momentsMs.length) {
    return { highWatts: 0, lowWatts: 0 };
  }
  const [fromMs, untilMs] = [profile.momentsMs[after - 1] ?? 0, profile.momentsMs[after] ?? 0];
  const part = (atMs - fromMs) / (untilMs - fromMs);
  const between = (values: Float64Array): number =>
    rounded((values[after - 1] ?? 0) + part * ((values[after] ?? 0) - (values[after - 1] ?? 0)));
  return { highWatts: between(profile.highWatts), lowWatts: between(profile.lowWatts) };
}
