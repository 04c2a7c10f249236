import { withLifted } from "../../power/what-if/lifted.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { nextWorkMs } from "../../placement/wanted.ts";
import { curveOf, speedUnder } from "../../power/shedding/curves.ts";
import { endAt } from "../../power/shedding/work.ts";
import { type Job, priorityOf } from "../../state/job.ts";
import { firstKeptMs, mayReserve } from "../../state/reservations.ts";
import type { Pool } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { emitReservation } from "../emit-reservation.ts";
import { orderWithinRamp } from "./ramp-caps.ts";
import { maySqueeze, squeezeLeadMs } from "./squeeze-hold.ts";
import { planSqueeze } from "./squeeze-plan.ts";
import { mayTrySqueeze, noteSqueeze, squeezedInVain } from "./squeeze-tries.ts";

/**
 * Lowers caps of running attempts so that a job for which GPUs are free gets watts, where all of them
 * together get more done that way. Who heads the queue of a pool is promised a start a little later, at
 * the cap that was found for it; the others start in their order as soon as the nodes acknowledge.
 *
 * @returns whether caps were lowered
 */
export function squeezeFor(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  const own = reservationOf(state, job);
  // What is promised may become sooner, never later: a start that is due is left alone.
  if (own !== undefined && own.startAtMs <= state.nowMs + squeezeLeadMs) {
    return false;
  }
  for (const pool of poolsWithoutPaused(state, job)) {
    const { site } = pool;
    if (
      !maySqueeze(state, site) ||
      !hasGpus(pool, job) ||
      !mayTrySqueeze(state, site, job.number)
    ) {
      continue;
    }
    if (squeezeIn(deciding, pool, job)) {
      return true;
    }
    squeezedInVain(state, site, job.number);
  }
  return false;
}

function hasGpus(pool: Pool, job: Job): boolean {
  const { nodeCount, gpusPerNode } = job.spec;
  // However long it takes: what is kept for others is theirs.
  const mayUseKept = firstKeptMs(pool, job.number) === Infinity;
  return availableNodes({ pool, gpusPerNode, mayUseKept }, 0) >= nodeCount;
}

function squeezeIn(deciding: Deciding, pool: Pool, job: Job): boolean {
  const { state } = deciding;
  const { site } = pool;
  const own = reservationOf(state, job);
  const plan = withLifted(own === undefined ? [] : [own], () => planSqueeze(state, pool, job));
  const ordered = (plan?.lowered ?? []).filter(({ attempt, capWatts }) =>
    orderWithinRamp(deciding, site, attempt, capWatts),
  );
  if (plan === undefined || ordered.length === 0) {
    return false;
  }
  const attempts = ordered.map((one) => one.attempt);
  site.squeezed = { job: job.number, atMs: state.nowMs, attempts };
  noteSqueeze(state, site, job.number);
  // Where a node does not answer, the others are looked at again.
  state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + squeezeLeadMs);
  const isKept = plan.nodes.some(
    (node) => (site.reservationOfNode[node]?.job ?? job.number) !== job.number,
  );
  // Ramps may hold back the orders, and the start: nobody knows when, so nothing is promised.
  if (!isKept && !state.ramps.has(site.site.id) && mayReserve(pool, job.number, priorityOf(job))) {
    promise(deciding, job, { pool, nodes: plan.nodes, capWatts: plan.capWatts });
  }
  return true;
}

interface Promised {
  readonly pool: Pool;
  readonly nodes: readonly number[];
  readonly capWatts: number;
}

/** Keeps the start that the lowered caps make room for. */
function promise(deciding: Deciding, job: Job, { pool, nodes, capWatts }: Promised): void {
  const { state } = deciding;
  const curve = curveOf(pool, job.spec.workloadClass);
  const startAtMs = state.nowMs + squeezeLeadMs;
  const isFull = capWatts === 0 || capWatts >= (pool.gpuCap?.highestWatts ?? 0);
  emitReservation(deciding, job, {
    pool,
    nodes,
    startAtMs,
    capWatts: isFull ? 0 : capWatts,
    endsByMs: endAt(startAtMs, nextWorkMs(job), speedUnder(curve, capWatts)),
  });
}
