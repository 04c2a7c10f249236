import { lowestCapFor, type CapCurve } from "@ertis/power-planning";

import type { Sweep } from "../../phoenix/sweep.ts";

/** One of the six jobs of the trial; its contract's weight and floor as published. */
export interface MixJob {
  readonly id: number;
  readonly name: string;
  readonly gpuCount: number;
  readonly weight: number;
  /** Throughput it keeps, 0 to 1. */
  readonly speedMin: number;
  readonly floorCapWatts: number;
  readonly curve: CapCurve;
  /** Training writes checkpoints, inference does not. */
  readonly hasCheckpoints: boolean;
}

/** Below half of an A100's 400 W pausing wins, and nothing is measured between 100 and 200 W. */
const lowestSafeCapWatts = 200;

const rows = [
  ["ft_llama_8b_p3", 32, 0.192, 0.75],
  ["infer_llama_8b_32g", 32, 0.128, 0.5],
  ["infer_llama_8b_48g", 48, 0.231, 0.9],
  ["infer_llama_8b_48g", 48, 0.192, 0.75],
  ["pt_mpt_13b_sm", 48, 0.128, 0.5],
  ["pt_mpt_7b_fast", 48, 0.128, 0.5],
] as const;

/** The mix of the published trial, 256 GPUs; weights made to add up to 1. */
export function phoenixMix(sweep: Sweep): readonly MixJob[] {
  const weightSum = rows.reduce((sum, [, , weight]) => sum + weight, 0);
  return rows.map(([name, gpuCount, weight, speedMin], id) => {
    const curve = { points: sweep.get(name) ?? [] };
    return {
      id,
      name,
      gpuCount,
      weight: weight / weightSum,
      speedMin,
      floorCapWatts: Math.max(lowestSafeCapWatts, lowestCapFor(curve, speedMin)),
      curve,
      hasCheckpoints: !name.startsWith("infer"),
    };
  });
}
