import {
  builtInCurves,
  type CapCurve,
  curveFor,
  lowestCapFor,
  speedAt,
} from "@ertis/power-planning";
import type { SimulatedJob } from "@ertis/simulator";

/** The cluster that everyone runs on: 112 nodes of eight A100 of 400 W that draw 55 W when idle. */
export const nodeCount = 112;
export const gpusPerNode = 8;
export const idleGpuWatts = 55;
export const highestCapWatts = 400;
const lowestCapWatts = 200;
export const idleNodeWatts: number = gpusPerNode * idleGpuWatts;
/** 896 × 400 W. */
export const fullWatts: number = nodeCount * gpusPerNode * highestCapWatts;

const curves = new Map<string, CapCurve>();
const gpuModel = "A100-SXM-80GB";

/** The same speeds for everyone: measured curves, by the class of the job. */
function curveOf({ workloadClass }: Pick<SimulatedJob, "workloadClass">): CapCurve {
  let curve = curves.get(workloadClass);
  curve ??= curveFor(builtInCurves, gpuModel, workloadClass);
  if (curve === undefined) {
    throw new Error(`no curve for ${gpuModel}, ${workloadClass}`);
  }
  curves.set(workloadClass, curve);
  return curve;
}

/** The lowest cap at which a job keeps this part of its speed. */
export function capForSpeed(job: SimulatedJob, speedMin: number): number {
  return Math.max(lowestCapWatts, lowestCapFor(curveOf(job), speedMin));
}

/** The lowest cap that the tier of a job allows. */
export function floorCapOf(job: SimulatedJob): number {
  return capForSpeed(job, 1 - job.flexibilityTier / 100);
}

export function speedOf(job: SimulatedJob, capWatts: number): number {
  return speedAt(curveOf(job), capWatts);
}
