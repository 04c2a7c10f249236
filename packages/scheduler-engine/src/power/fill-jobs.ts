import type { CapCurve, FillJob } from "@ertis/power-planning";
import { priorityOf } from "../state/job.ts";
import type { Job } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

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
  const perWatt = new Map<number, number>();
  for (const node of gang.nodes) {
    let domain = site.nodeDomain[node] ?? -1;
    let scaled = gang.gpusPerNode * (site.nodeMultiplier[domain] ?? 0);
    while (domain >= 0) {
      perWatt.set(domain, (perWatt.get(domain) ?? 0) + scaled);
      scaled *= site.parentMultiplier[domain] ?? 0;
      domain = site.parent[domain] ?? -1;
    }
  }
  const gpuCount = gang.nodes.length * gang.gpusPerNode;
  return {
    gpuCount,
    weight: weightOf(gang.job, gpuCount),
    curve: gang.curve,
    floorCapWatts: gang.floorCapWatts,
    domains: Int32Array.from(perWatt.keys()),
    scaledPerGpuWatt: Float64Array.from(perWatt.values()),
  };
}
