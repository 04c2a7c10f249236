import type { Feed } from "./feed.ts";

/**
 * How a node works that its cap holds back.
 *
 * `hopper`: by what 8-GPU Hopper nodes keep at 71 % and 50 % of their rating (MLPerf Inference v4.1, H200,
 * the lower of the language models' values: 0.79 and 0.61; lower bounds, since clocks and fans were
 * trimmed as well). `proportional`: in proportion to its draw above idle, harder than anything measured.
 */
export type PaceModel = "hopper" | "proportional";

/** Draw of an idle GPU, and part of its rating (700 W) that leaves it no work. */
const idleGpuWatts = 70;
const gpuCount = 8;

const points = [
  [0.1, 0],
  [0.5, 0.608],
  [0.714, 0.791],
  [1, 1],
] as const;

export function paceOf(feed: Feed, wantedWatts: number, capWatts: number): number {
  const { idleWatts, paceModel } = feed;
  if (capWatts >= wantedWatts) {
    return 1;
  }
  if (paceModel === "proportional") {
    return Math.max(0, capWatts - idleWatts) / (wantedWatts - idleWatts);
  }
  // What the node draws beside its GPUs stays; the GPUs give all.
  const besideWatts = idleWatts - gpuCount * idleGpuWatts;
  return speedAt(Math.max(0, capWatts - besideWatts) / (wantedWatts - besideWatts));
}

function speedAt(share: number): number {
  let [lowShare, lowSpeed]: readonly [number, number] = points[0];
  for (const [highShare, highSpeed] of points) {
    if (share <= highShare) {
      const part = highShare > lowShare ? (share - lowShare) / (highShare - lowShare) : 0;
      return lowSpeed + Math.max(0, part) * (highSpeed - lowSpeed);
    }
    [lowShare, lowSpeed] = [highShare, highSpeed];
  }
  return 1;
}
