import {
  builtInCurves,
  type CapCurve,
  HardwareCurves,
  lowestCapFor,
  speedAt,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { Pool } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";

/** Between caps that are tried there are so many watts. */
export const capStepWatts = 5;

/**
 * How GPUs of a pool slow down under a cap with work of a class: as the site file says, else as
 * measured elsewhere, between the caps that the hardware takes. Undefined: they cannot be capped.
 */
export function curveOf(pool: Pool, workloadClass: string): CapCurve | undefined {
  if (pool.gpuCap === undefined) {
    return undefined;
  }
  pool.curves ??= new HardwareCurves([...pool.site.site.curves, ...builtInCurves], {
    gpuModel: pool.gpuModel,
    ...pool.gpuCap,
  });
  return pool.curves.of(workloadClass);
}

/** By the curve, then by tier: passes ask for the same few again and again. */
const slowest = new WeakMap<CapCurve, Map<number, number>>();

function lowestOfTier(curve: CapCurve, lossPercent: number): number {
  const known = slowest.get(curve) ?? new Map<number, number>();
  slowest.set(curve, known);
  let cap = known.get(lossPercent);
  if (cap === undefined) {
    cap = lowestCapFor(curve, 1 - lossPercent / 100);
    known.set(lossPercent, cap);
  }
  return cap;
}

/**
 * The lowest cap that a job tolerates all the time in a pool, when it bears `morePercent` of loss beyond its
 * tier; 0: it cannot be capped there.
 */
export function floorCap(
  pool: Pool,
  spec: Pick<JobSpec, "workloadClass" | "flexibilityTier" | "capMin">,
  morePercent: number = 0,
): number {
  const curve = curveOf(pool, spec.workloadClass);
  if (curve === undefined || pool.gpuCap === undefined) {
    return 0;
  }
  const { flexibilityTier } = spec;
  const tolerated = flexibilityTier === 0 ? 0 : Math.min(100, flexibilityTier + morePercent);
  const floor = Math.max(toNumber(spec.capMin), lowestOfTier(curve, tolerated));
  return floor >= pool.gpuCap.highestWatts ? 0 : floor;
}

/** Speed of a gang of so many nodes under a cap, as part of the whole gang at full power. */
export function gangSpeed(
  curve: CapCurve | undefined,
  gang: { readonly capWatts: number; readonly nodeCount: number },
  nodeCountFull: number,
): number {
  return (speedUnder(curve, gang.capWatts) * gang.nodeCount) / nodeCountFull;
}

/** Part of full speed under a cap; 0 is no cap. */
export function speedUnder(curve: CapCurve | undefined, capWatts: number): number {
  return curve === undefined || capWatts === 0 ? 1 : speedAt(curve, capWatts);
}
