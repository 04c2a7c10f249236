import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import type { PlantAttempt } from "./plant-attempt.ts";
import { noiseFactor, type PlantNoise } from "./plant-noise.ts";

/** What an attempt really draws above idle on each of its nodes. */
export function drawNodeWatts(
  attempt: PlantAttempt,
  nodeClass: NodeClass | undefined,
  noise: PlantNoise,
  nowMs: number,
): number {
  if (nodeClass === undefined || attempt.phase === "ended" || attempt.phase === "starting") {
    return 0;
  }
  const idle = toNumber(nodeClass.idleWatts);
  const gpuWatts = (toNumber(nodeClass.peakWatts) - idle) / nodeClass.gpuCount;
  const factor = noiseFactor(attempt, nowMs, noise);
  const { gpusPerNode } = attempt.job;
  if (attempt.curve === undefined) {
    return Math.min(1, noise.uncappedOf(attempt.job.index) * factor) * gpuWatts * gpusPerNode;
  }
  const highest = toNumber(nodeClass.gpuCap?.highestWatts ?? nodeClass.peakWatts);
  const cap = attempt.appliedCapWatts[0] ?? 0;
  const capWatts = cap === 0 ? attempt.curve.highestCapWatts : cap;
  // Whatever a program wants, the hardware holds it to its cap.
  const drawn = Math.min(capWatts, attempt.curve.drawAt(capWatts) * factor);
  return Math.max(0, gpuWatts - highest + drawn) * gpusPerNode;
}

/** As meters tell it apart: what it draws, and of the idle draw of its nodes the share of its GPUs. */
export function attemptWattsOf(
  { drawNodeWatts: watts, nodes, job }: Pick<PlantAttempt, "drawNodeWatts" | "nodes" | "job">,
  nodeClass: NodeClass | undefined,
): number {
  const idleWatts =
    nodeClass === undefined
      ? 0
      : (toNumber(nodeClass.idleWatts) * job.gpusPerNode) / nodeClass.gpuCount;
  return (watts + idleWatts) * nodes.length;
}

/** What one of its GPUs draws, as its node's meters of GPUs say; undefined where GPUs take no caps. */
export function gpuWattsOf(
  { phase, curve, job, drawNodeWatts: watts }: PlantAttempt,
  nodeClass: NodeClass | undefined,
): number | undefined {
  if (nodeClass?.gpuCap === undefined || curve === undefined || phase !== "running") {
    return undefined;
  }
  const { peakWatts, idleWatts, gpuCount, gpuCap } = nodeClass;
  const besideGpuWatts =
    (toNumber(peakWatts) - toNumber(idleWatts)) / gpuCount - toNumber(gpuCap.highestWatts);
  return Math.max(0, watts / job.gpusPerNode - besideGpuWatts);
}
