import { watts } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { lowestFreeMask } from "../state/bounds.ts";
import { floorCap } from "../power/shedding/curves.ts";
import { growthWatts } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import { type Job, nextTask } from "../state/job.ts";
import { firstKeptMs } from "../state/reservations.ts";
import type { Pool } from "../state/site-state.ts";
import { workWantedMs } from "../state/work-wanted.ts";
import type { Placement } from "../words/attempt.ts";
import type { Wanted } from "./room.ts";

/** A start: where, how, and until when. */
export interface Start {
  readonly placement: Placement;
  readonly endsByMs: number;
  /** Full-speed time of the whole gang that it is granted. */
  readonly workMs: number;
}

/** Full-speed time that the next attempt of a job asks for. */
export function nextWorkMs(job: Job): number {
  return workWantedMs(job, nextTask(job) ?? 0);
}

/** A job that is gone before the pool's reservation starts may use what is kept for it. */
export function wantedIn(pool: Pool, job: Job, nowMs: number): Wanted {
  return wantedUntil(pool, job, nowMs + nextWorkMs(job));
}

/** The same when it ends at some moment. */
export function wantedUntil(pool: Pool, job: Job, endsByMs: number): Wanted {
  const holdsUntilMs = endsByMs + stopGraceMs;
  return {
    pool,
    nodeCount: job.spec.nodeCount,
    gpusPerNode: job.spec.gpusPerNode,
    capWatts: 0,
    floorCapWatts: floorCap(pool, job.spec),
    holdsUntilMs,
    mayUseKept: holdsUntilMs <= firstKeptMs(pool, job.number),
  };
}

/** A gang on these nodes. What is wanted says how many GPUs a node, and under which cap. */
export function placementOn(wanted: Wanted, nodes: readonly number[]): Placement {
  const { gpusPerNode, capWatts } = wanted;
  const { site } = wanted.pool;
  const now = known(site.horizons[0], "the horizon of now");
  const growth = nodes.reduce((sum, node) => sum + growthWatts(site, node, wanted, now), 0);
  return {
    site: site.site.id,
    nodes,
    gpuMasks: nodes.map((node) => lowestFreeMask(site.gpuMaskHeld[node] ?? 0, gpusPerNode)),
    powerReserved: watts(growth),
    capWatts,
  };
}
