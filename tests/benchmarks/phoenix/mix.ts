/** The six jobs of the Phoenix field trial: 256 GPUs, three tiers. */
import { checkCurve, type FillJob, lowestCapFor, lowestCapOf } from "@ertis/power-planning";
import type { Sweep } from "./sweep.ts";

export interface MixJob extends FillJob {
  readonly name: string;
  /** Part of its throughput that its tier tolerates to lose. */
  readonly tierLossMax: number;
}

/** Name, GPUs, tolerated loss, weight as the trial printed it. */
const published = [
  ["ft_llama_8b_p3", 32, 0.25, 0.192],
  ["infer_llama_8b_32g", 32, 0.5, 0.128],
  ["infer_llama_8b_48g", 48, 0.1, 0.231],
  ["infer_llama_8b_48g", 48, 0.25, 0.192],
  ["pt_mpt_13b_sm", 48, 0.5, 0.128],
  ["pt_mpt_7b_fast", 48, 0.5, 0.128],
] as const;

/**
 * The printed weights sum to 0.999; here they sum to 1. One domain holds all jobs. No floor lies below the
 * lowest safe cap, 200 W, so that all together need 53.5 kW when nobody is paused.
 */
export function phoenixMix(sweep: Sweep): readonly MixJob[] {
  const weights = published.reduce((sum, [, , , weight]) => sum + weight, 0);
  return published.map(([name, gpuCount, tierLossMax, weight]) => {
    const checked = checkCurve(sweep.get(name) ?? []);
    if (checked.kind === "problem") {
      throw new Error(`the sweep of ${name}: ${checked.message}`);
    }
    return {
      name,
      gpuCount,
      tierLossMax,
      weight: weight / weights,
      curve: checked.curve,
      floorCapWatts: lowestCapOf(checked.curve, lowestCapFor(checked.curve, 1 - tierLossMax)),
      domains: Int32Array.of(0),
      scaledPerGpuWatt: Float64Array.of(gpuCount),
    };
  });
}
