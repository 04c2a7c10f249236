import type { SimulatedJob } from "@ertis/simulator";
import { capForSpeed, floorCapOf, highestCapWatts, idleGpuWatts } from "./plant.ts";

/** A job that runs in a baseline. */
export interface Running {
  readonly job: SimulatedJob;
  readonly nodes: readonly number[];
  readonly gpuCount: number;
  /** The least a GPU of it may be capped at. */
  readonly floorWatts: number;
  readonly startedAtMs: number;
  capWatts: number;
  speed: number;
  /** Ms at full speed that are left of its work and of its walltime, at `countedAtMs`. */
  workLeftMs: number;
  walltimeLeftMs: number;
  countedAtMs: number;
}

/** How a baseline spends watts. */
export interface Policy {
  readonly name: string;
  readonly what: string;
  /** The least watts a GPU of the job needs to run: what admission counts. */
  floorWatts(job: SimulatedJob): number;
  /**
   * The caps of all that runs, within `roomWatts` for everything above idle; undefined: they stay at
   * their floors.
   */
  readonly spread: ((running: Iterable<Running>, roomWatts: number) => number) | undefined;
}

/** FIFO and EASY as with a resource of watts in Slurm: every GPU counts its rated watts. */
export const nameplate: Policy = {
  name: "nameplate",
  what: "FIFO + EASY, 400 W for every GPU",
  floorWatts: () => highestCapWatts,
  spread: undefined,
};

/**
 * One flat slowdown for every job, as with GEOPM's hook: the lowest cap at which a job keeps 90 % of
 * its speed, by its own curve, whatever its tier.
 */
export const flat: Policy = {
  name: "flat",
  what: "FIFO + EASY, every job at the cap that costs it 10 % of its speed",
  floorWatts: (job) => capForSpeed(job, 0.9),
  spread: undefined,
};

/**
 * One cap for all at every moment, the highest that fits, never below a job's floor by its tier. A job
 * starts when all floors fit.
 */
export const uniform: Policy = {
  name: "uniform",
  what: "FIFO + EASY, one cap for all at each moment, floors by tier",
  floorWatts: floorCapOf,
  spread: (running, roomWatts) => uniformCap([...running], roomWatts),
};

/** The highest whole-watt cap c with Σ gpus × (max(c, floor) − idle) within the room. */
function uniformCap(running: readonly Running[], roomWatts: number): number {
  let low = 0;
  let high = highestCapWatts;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    let watts = 0;
    for (const { gpuCount, floorWatts } of running) {
      watts += gpuCount * (Math.max(middle, floorWatts) - idleGpuWatts);
    }
    if (watts <= roomWatts) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
