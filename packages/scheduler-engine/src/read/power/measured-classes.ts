import { builtInCurves, curvesOfModel } from "@ertis/power-planning";
import type { SiteState } from "../../state/site-state.ts";

/** Classes of work whose speed under a cap is known on a model. */
export interface MeasuredClasses {
  readonly gpuModel: string;
  /** Sorted. Any other class counts as the slowest of these. */
  readonly workloadClasses: readonly string[];
}

/** Of every GPU model of a site that takes caps. */
export function measuredClasses({ site, pools }: SiteState): readonly MeasuredClasses[] {
  return pools
    .filter((pool) => pool.gpuCap !== undefined)
    .map(({ gpuModel }) => {
      const curves = curvesOfModel([...site.curves, ...builtInCurves], gpuModel);
      const classes = new Set(curves.map((one) => one.workloadClass));
      return { gpuModel, workloadClasses: [...classes].toSorted() };
    });
}
