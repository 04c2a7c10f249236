import type { CapCurve, FillJob } from "@ertis/power-planning";
import { priorityOf } from "../state/job.ts";
import type { Job } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { gangLoad } from "./gang-load.ts";

/** What a GPU of a class is worth beside one of the class below. */
const classFactor = 2;

/** Worth of a gang at full speed: its GPUs, doubled with every priority class. */
export function weightOf(job: Job, gpuCount: number): number {
  return gpuCount * classFactor ** priorityOf(job);
}

export interface FillGang {
  readonly job: Job;
  readonly curve: CapCurve;
  readonly floorCapWatts: number;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
}

/** A gang as the filling of caps sees it: what one more watt on each of its GPUs does to each domain. */
export function fillJobOf(site: SiteState, gang: FillGang): FillJob {
  const { domains, scaledPerGpuWatt } = gangLoad(site, gang.nodes, gang.gpusPerNode);
  const gpuCount = gang.nodes.length * gang.gpusPerNode;
  return {
    gpuCount,
    weight: weightOf(gang.job, gpuCount),
    curve: gang.curve,
    floorCapWatts: gang.floorCapWatts,
    domains,
    scaledPerGpuWatt,
  };
}
