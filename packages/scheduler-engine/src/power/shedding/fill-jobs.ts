import type { CapCurve, FillJob } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { priorityOf } from "../../state/job.ts";
import type { Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { gangLoad } from "../gang-load.ts";

/** What a GPU of a class is worth beside one of the class below. */
const classFactor = 2;

/** Worth of a gang at full speed: its GPUs, doubled with every priority class. */
export function weightOf(job: Job, gpuCount: number): number {
  return gpuCount * classFactor ** priorityOf(job);
}

/** Shorter walltimes than this count as this long. */
const walltimeCountedMinMs = 600_000;
const msPerHour = 3_600_000;

/**
 * Worth of a gang where running jobs share watts with those that wait: that of shorter jobs is higher, by
 * the root of the walltime. They free their GPUs soon for whoever waits, and a second that they lose is
 * more to them than to a job of days.
 */
export function turnoverWeightOf(job: Job, gpuCount: number): number {
  const hours = Math.max(walltimeCountedMinMs, toNumber(job.spec.walltime)) / msPerHour;
  return weightOf(job, gpuCount) / Math.sqrt(hours);
}

export interface FillGang {
  readonly job: Job;
  readonly curve: CapCurve;
  readonly floorCapWatts: number;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  /** Of the gang; absent: the worth of its GPUs. */
  readonly weight?: number;
}

/** A gang as the filling of caps sees it: what one more watt on each of its GPUs does to each domain. */
export function fillJobOf(site: SiteState, gang: FillGang): FillJob {
  const { domains, scaledPerGpuWatt } = gangLoad(site, gang.nodes, gang.gpusPerNode);
  const gpuCount = gang.nodes.length * gang.gpusPerNode;
  return {
    gpuCount,
    weight: gang.weight ?? weightOf(gang.job, gpuCount),
    curve: gang.curve,
    floorCapWatts: gang.floorCapWatts,
    domains,
    scaledPerGpuWatt,
  };
}
