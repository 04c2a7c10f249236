import type { CapCurve } from "./curve.ts";
import { endsOf, pointAt } from "./read-curve.ts";

/** Half of a GPU's rated watts, rounded up: below it nothing is measured well, and pausing wins anyway. */
export function lowestSafeCap(ratedWatts: number): number {
  return Math.ceil(ratedWatts / 2);
}

/**
 * The part of a curve between two caps, with points at both. A bound outside the measured caps leaves
 * that end as it is: nothing is extrapolated. Bounds that leave nothing give the nearest single point.
 */
export function restrict(
  curve: CapCurve,
  bounds: { readonly lowestCapWatts: number; readonly highestCapWatts: number },
): CapCurve {
  const { first, last } = endsOf(curve);
  const clamp = (cap: number): number => Math.min(Math.max(cap, first.capWatts), last.capWatts);
  const high = clamp(bounds.highestCapWatts);
  const low = Math.min(clamp(bounds.lowestCapWatts), high);
  const inside = curve.points.filter(({ capWatts }) => capWatts > low && capWatts < high);
  const top = pointAt(curve, high);
  return { points: low < high ? [pointAt(curve, low), ...inside, top] : [top] };
}
