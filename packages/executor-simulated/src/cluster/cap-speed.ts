import { builtInCurves, type CapCurve, HardwareCurves, speedAt } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import type { ClusterSite } from "./cluster-site.ts";

/** Curves of each site by node class: made when asked for, gone with their revision. */
const curvesBySite = new WeakMap<ClusterSite, Map<string, HardwareCurves>>();

/**
 * Part of full speed that the GPUs of a class have under a cap, by the curves that planning uses: the
 * site's own before those measured elsewhere. A cap of 0 is none, and a model without any curve is never
 * capped by who plans with them; below the lowest known cap it is as fast as there.
 */
export function speedUnderCap(
  site: ClusterSite,
  nodeClass: NodeClass,
  workloadClass: string,
  capWatts: number,
): number {
  const curve = capWatts === 0 ? undefined : curveOf(site, nodeClass, workloadClass);
  const lowest = curve?.points[0]?.capWatts ?? 0;
  return curve === undefined ? 1 : speedAt(curve, Math.max(capWatts, lowest));
}

function curveOf(
  site: ClusterSite,
  { name, gpuModel, gpuCap }: NodeClass,
  workloadClass: string,
): CapCurve | undefined {
  if (gpuCap === undefined) {
    return undefined;
  }
  const ofSite = curvesBySite.get(site) ?? new Map<string, HardwareCurves>();
  curvesBySite.set(site, ofSite);
  let curves = ofSite.get(name);
  if (curves === undefined) {
    curves = new HardwareCurves([...site.curves, ...builtInCurves], {
      gpuModel,
      lowestWatts: toNumber(gpuCap.lowestWatts),
      highestWatts: toNumber(gpuCap.highestWatts),
    });
    ofSite.set(name, curves);
  }
  return curves.of(workloadClass);
}
