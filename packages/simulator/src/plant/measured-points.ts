import { builtInCurves, type CapPoint, curveFor } from "@ertis/power-planning";
import type { Site } from "@ertis/site-model";
import { trueCurve } from "./true-curve.ts";

/** Measured points for a model and class: the site's own before those built in. */
export function pointsOf(
  site: Site,
): (gpuModel: string, workloadClass: string) => readonly CapPoint[] | undefined {
  const curves = [...site.curves, ...builtInCurves];
  const known = new Map<string, readonly CapPoint[] | undefined>();
  return (gpuModel, workloadClass) => {
    const key = `${gpuModel}/${workloadClass}`;
    if (!known.has(key)) {
      known.set(key, curveFor(curves, gpuModel, workloadClass)?.points);
    }
    return known.get(key);
  };
}

/** What the scheduler expects of a cap, as part of full speed; 1 where nothing is measured. */
export function measuredSpeeds(
  site: Site,
): (gpuModel: string, workloadClass: string, capWatts: number) => number {
  const points = pointsOf(site);
  return (gpuModel, workloadClass, capWatts) => {
    const measured = points(gpuModel, workloadClass);
    return measured === undefined ? 1 : trueCurve(measured, 1).speedAt(capWatts);
  };
}
