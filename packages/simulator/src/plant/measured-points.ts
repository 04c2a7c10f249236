import { builtInCurves, type CapPoint, curveFor } from "@ertis/power-planning";
import type { Site } from "@ertis/site-model";

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
