import { toNumber, watts } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { lowestFreeMask } from "../power/bounds.ts";
import { growthWatts } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { Pool, Reservation } from "../state/site-state.ts";
import type { Placement } from "../words/attempt.ts";
import { poolsOf } from "./capacity.ts";
import { canHoldOn, findNodes, type Wanted } from "./search.ts";

/** Where a job would go if it started now, or undefined. Also the dry run behind `plan`. */
export function findPlacement(
  state: EngineState,
  job: Job,
  kept: Reservation | undefined,
): Placement | undefined {
  for (const pool of answeringPools(state, job)) {
    const wanted = wantedIn(pool, job, state.nowMs);
    const nodes =
      findNodes(wanted) ??
      (kept?.pool === pool && canHoldOn(wanted, kept.nodes) ? [...kept.nodes] : undefined);
    if (nodes !== undefined) {
      return placementOn(pool, nodes, job.spec.gpusPerNode);
    }
  }
  return undefined;
}

/** The pools of a job whose clusters answer: elsewhere nothing can be started. */
export function answeringPools(state: EngineState, job: Job): readonly Pool[] {
  const pools = poolsOf(state, job);
  return pools.every((pool) => pool.site.awaySinceMs === undefined)
    ? pools
    : pools.filter((pool) => pool.site.awaySinceMs === undefined);
}

/** A job that is gone before the pool's reservation starts may use what is kept for it. */
export function wantedIn(pool: Pool, job: Job, nowMs: number): Wanted {
  const holdsUntilMs = nowMs + toNumber(job.spec.walltime) + stopGraceMs;
  const { reservation } = pool;
  return {
    pool,
    nodeCount: job.spec.nodeCount,
    gpusPerNode: job.spec.gpusPerNode,
    capWatts: 0,
    floorCapWatts: 0,
    holdsUntilMs,
    mayUseKept:
      reservation === undefined ||
      reservation.job === job.number ||
      holdsUntilMs <= reservation.startAtMs,
  };
}

function placementOn(pool: Pool, nodes: readonly number[], gpusPerNode: number): Placement {
  const { site } = pool;
  const now = known(site.horizons[0], "the horizon of now");
  const growth = nodes.reduce(
    (sum, node) =>
      sum + growthWatts(site, node, { gpusPerNode, capWatts: 0, floorCapWatts: 0 }, now),
    0,
  );
  return {
    site: site.site.id,
    nodes,
    gpuMasks: nodes.map((node) => lowestFreeMask(site.gpuMaskHeld[node] ?? 0, gpusPerNode)),
    powerReserved: watts(growth),
    capWatts: 0,
  };
}

/** What is kept for a job, if it heads the queue of a pool. */
export function reservationOf(state: EngineState, job: Job): Reservation | undefined {
  for (const pool of poolsOf(state, job)) {
    if (pool.reservation?.job === job.number) {
      return pool.reservation;
    }
  }
  return undefined;
}
