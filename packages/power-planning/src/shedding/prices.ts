import { countedWatts } from "../curves/curve.ts";
import { concaveHull } from "../curves/hull.ts";
import { pointAt } from "../curves/read-curve.ts";
import { restrictShared } from "../curves/restrict.ts";
import type { CapCurve, CountedWatts } from "../curves/curve.ts";
import type { ShedJob } from "./shed-problem.ts";

/** One step down a hull: what it loses and frees for one GPU. */
export interface CapStep {
  readonly toCapWatts: number;
  /** What a GPU counts after it. */
  readonly toWatts: number;
  readonly speedPerWatt: number;
}

const noSteps: readonly CapStep[] = [];

/** By the part of the curve above the floor, which jobs share. */
const kept: Readonly<Record<CountedWatts, WeakMap<CapCurve, readonly CapStep[]>>> = {
  cap: new WeakMap(),
  draw: new WeakMap(),
};

/** The steps of a curve from full power to a floor, cheapest first (on a hull that is top first). */
export function stepsDown(
  curve: CapCurve,
  floorWatts: number,
  counts: CountedWatts,
): readonly CapStep[] {
  if (curve.points.length === 1) {
    return noSteps;
  }
  const top = curve.points.at(-1)?.capWatts ?? floorWatts;
  const part = restrictShared(curve, { lowestCapWatts: floorWatts, highestCapWatts: top });
  const known = kept[counts].get(part);
  if (known !== undefined) {
    return known;
  }
  const { points } = concaveHull(part, counts);
  const steps: CapStep[] = [];
  for (let at = points.length - 1; at > 0; at -= 1) {
    const high = points[at];
    const low = points[at - 1];
    if (high !== undefined && low !== undefined) {
      const freed = countedWatts(high, counts) - countedWatts(low, counts);
      steps.push({
        toCapWatts: low.capWatts,
        toWatts: countedWatts(low, counts),
        speedPerWatt: (high.speed - low.speed) / freed,
      });
    }
  }
  kept[counts].set(part, steps);
  return steps;
}

/** The cap at which every further watt would cost more speed than the price. */
export function capAtPrice(steps: readonly CapStep[], topWatts: number, price: number): number {
  let cap = topWatts;
  for (const step of steps) {
    if (step.speedPerWatt > price) {
      break;
    }
    cap = step.toCapWatts;
  }
  return cap;
}

/**
 * Speed lost per watt freed by pausing from a cap. The checkpoint's own time is lost on top, and what
 * a paused GPU still draws is not freed.
 */
export function pausePrice(
  job: ShedJob,
  capWatts: number,
  pause: { readonly idleMs: number; readonly overheadMs: number; readonly counts: CountedWatts },
): number {
  const point = pointAt(job.curve, capWatts);
  const freed = countedWatts(point, pause.counts) - job.idleWatts;
  if (freed <= 0 || pause.idleMs <= 0) {
    return Infinity;
  }
  return (point.speed * (pause.idleMs + pause.overheadMs)) / (freed * pause.idleMs);
}
