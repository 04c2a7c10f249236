import type { CapCurve } from "./curve.ts";
import { curveFor, type CurveOfClass } from "./model-curve.ts";
import { restrict } from "./restrict.ts";

/** GPUs of one model as they are built in somewhere. */
export interface CappedGpus {
  readonly gpuModel: string;
  /** The caps that the hardware takes, watts. */
  readonly lowestWatts: number;
  readonly highestWatts: number;
}

/**
 * How these GPUs slow down under a cap with work of a class: what is known of the model (`curveFor`),
 * between the caps that the hardware takes. Full speed is what they do at their own highest cap.
 * Undefined where nothing is known of the model.
 */
export function hardwareCurve(
  curves: readonly CurveOfClass[],
  { gpuModel, lowestWatts, highestWatts }: CappedGpus,
  workloadClass: string,
): CapCurve | undefined {
  const found = curveFor(curves, gpuModel, workloadClass);
  if (found === undefined) {
    return undefined;
  }
  const { points } = restrict(found, {
    lowestCapWatts: lowestWatts,
    highestCapWatts: highestWatts,
  });
  const top = points.at(-1)?.speed ?? 1;
  return { points: points.map((one) => ({ ...one, speed: Math.min(1, one.speed / top) })) };
}
