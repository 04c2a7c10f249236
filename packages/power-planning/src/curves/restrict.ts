import type { CapCurve } from "./curve.ts";
import { endsOf, pointAt } from "./read-curve.ts";

export interface CapBounds {
  readonly lowestCapWatts: number;
  readonly highestCapWatts: number;
}

/** Half of a GPU's rated watts, rounded up: below it nothing is measured well, and pausing wins anyway. */
export function lowestSafeCap(ratedWatts: number): number {
  return Math.ceil(ratedWatts / 2);
}

/** A wanted lowest cap, or the lowest safe one of the curve's full power when that is higher. */
export function lowestCapOf(curve: CapCurve, wantedCapWatts: number): number {
  return Math.max(wantedCapWatts, lowestSafeCap(endsOf(curve).last.capWatts));
}

/**
 * The part of a curve between two caps, with points at both, and never below the lowest safe cap of its
 * full power. A bound outside the measured caps leaves that end as it is: nothing is extrapolated.
 * Bounds that leave nothing give the one point at the upper bound.
 */
export function restrict(curve: CapCurve, bounds: CapBounds): CapCurve {
  const { first, last } = endsOf(curve);
  const clamp = (cap: number): number => Math.min(Math.max(cap, first.capWatts), last.capWatts);
  const high = clamp(bounds.highestCapWatts);
  const low = Math.min(clamp(lowestCapOf(curve, bounds.lowestCapWatts)), high);
  const inside = curve.points.filter(({ capWatts }) => capWatts > low && capWatts < high);
  const top = pointAt(curve, high);
  return { points: low < high ? [pointAt(curve, low), ...inside, top] : [top] };
}

/** By curve, by the lower and by the upper bound. */
const kept = new WeakMap<CapCurve, Map<number, Map<number, CapCurve>>>();

/**
 * The same, and the same curve again for the same question: for bounds of which there are few. Thousands
 * of jobs then share a curve, and whatever is worked out for it.
 */
export function restrictShared(curve: CapCurve, bounds: CapBounds): CapCurve {
  if (curve.points.length === 1) {
    return curve;
  }
  const ofCurve = kept.get(curve) ?? new Map<number, Map<number, CapCurve>>();
  const ofLow = ofCurve.get(bounds.lowestCapWatts) ?? new Map<number, CapCurve>();
  let part = ofLow.get(bounds.highestCapWatts);
  if (part === undefined) {
    part = restrict(curve, bounds);
    ofLow.set(bounds.highestCapWatts, part);
    ofCurve.set(bounds.lowestCapWatts, ofLow);
    kept.set(curve, ofCurve);
  }
  return part;
}
