import { pointWithin } from "../curves/read-curve.ts";
import type { Lane } from "./lane.ts";

/** Rounding in watts that no plan notices and that would else cost a whole step. */
const hairWatts = 1e-7;

/** A cap that is a multiple of a step with a fraction may seem to lie just below it, and must not stay there. */
const hairSteps = 1e-6;

/** The highest cap on the grid that counts at most so many watts; the lowest of the lane at least. */
export function capOnGrid(lane: Lane, watts: number, step: number): number {
  const { curve, counts } = lane.stretch;
  const { capWatts } = pointWithin(curve, watts + hairWatts, counts);
  return capWatts >= lane.highCapWatts
    ? lane.highCapWatts
    : Math.max(lane.lowCapWatts, Math.floor((capWatts + hairWatts) / step) * step);
}

/** The next cap of the grid, or the end of the lane when that comes first. */
export function stepDown(lane: Lane, cap: number, step: number): number {
  return Math.max(lane.lowCapWatts, (Math.ceil(cap / step - hairSteps) - 1) * step);
}

export function stepUp(lane: Lane, cap: number, step: number): number {
  return Math.min(lane.highCapWatts, (Math.floor(cap / step + hairSteps) + 1) * step);
}
