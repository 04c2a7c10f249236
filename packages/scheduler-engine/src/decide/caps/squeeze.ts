import { withLifted } from "../../power/what-if/lifted.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { nextWorkMs, wantedIn } from "../../placement/wanted.ts";
import { curveOf, speedUnder } from "../../power/shedding/curves.ts";
import { endAt } from "../../power/shedding/work.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Job, priorityOf } from "../../state/job.ts";
import { firstKeptMs, mayReserve } from "../../state/reservations.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Deciding } from "../deciding.ts";
import { emitReservation } from "../emit-reservation.ts";
import { isInReach, orderWithinRamp } from "./ramp-caps.ts";
import {
  maySqueeze,
  squeezeHoldMs,
  squeezeLeadMs,
  waitsForSqueezeUntilMs,
} from "./squeeze-hold.ts";
import { type KeptStart, planSqueeze, type SqueezePlan, type Squeezing } from "./squeeze-plan.ts";
import { isSqueezedOften, mayTrySqueeze, noteSqueeze, squeezedInVain } from "./squeeze-tries.ts";

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
    if (!maySqueezeIn(state, pool, job) || !mayTrySqueeze(state, site, job.number)) {
      continue;
    }
    if (squeezeIn(deciding, pool, job, { isInstead: false, kept: own })) {
      return true;
    }
    squeezedInVain(state, site, job.number);
  }
  return false;
}

/**
 * The same for a job for which others would be stopped, also where all of them together get less done that way: a little
 * speed is less than their work. It may use what is kept for others as long as a start may.
 *
 * @returns whether caps were lowered, or fall for another, which it waits for
 */
export function squeezeInstead(deciding: Deciding, job: Job): boolean {
  const { state } = deciding;
  const own = reservationOf(state, job);
  const areLowered = poolsToSqueezeInstead(state, job, own).some(
    (pool) =>
      !isSqueezedOften(state, pool.site, job.number) &&
      waysInstead(state, pool, job, own).some((way) => squeezeIn(deciding, pool, job, way)),
  );
  if (areLowered) {
    return true;
  }
  const untilMs = waitsForCapsUntilMs(state, job);
  if (untilMs > state.nowMs) {
    state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, untilMs);
  }
  return untilMs > state.nowMs;
}

/** Does a job that has GPUs free wait for caps that fall for another? Nobody stops for it meanwhile: then they may fall for it. */
export function waitsForCaps(state: EngineState, job: Job): boolean {
  return waitsForCapsUntilMs(state, job) > state.nowMs;
}

function waitsForCapsUntilMs(state: EngineState, job: Job): number {
  const pools = poolsWithoutPaused(state, job).filter(
    (pool) => availableNodes(wantedIn(pool, job, state.nowMs), 0) >= job.spec.nodeCount,
  );
  return Math.max(-Infinity, ...pools.map(({ site }) => waitsForSqueezeUntilMs(state, site, job)));
}

function poolsToSqueezeInstead(
  state: EngineState,
  job: Job,
  own: KeptStart | undefined,
): readonly Pool[] {
  return own !== undefined && own.startAtMs <= state.nowMs + squeezeLeadMs
    ? []
    : poolsWithoutPaused(state, job).filter(({ site }) => maySqueeze(state, site));
}

/** One after the other, until one makes room: the first that costs least. */
function waysInstead(
  state: EngineState,
  pool: Pool,
  job: Job,
  kept: KeptStart | undefined,
): readonly Squeezing[] {
  const way = { isInstead: true, kept } as const;
  const isKeptGivenUp = kept?.pool.site === pool.site && mayPromise(state, pool, job);
  return [
    way,
    ...(isKeptGivenUp ? [{ ...way, givesUpKept: true } as const] : []),
    { ...way, isForGood: true },
  ];
}

/** The start that lowered caps would make room for. */
export interface PlannedSqueeze extends PlannedStart {
  /** Jobs whose caps would fall. */
  readonly lowered: readonly JobNumber[];
  /** False: nobody knows when, since ramps let caps fall in steps, or who waits before it may begin with the watts. */
  readonly isPromised: boolean;
}

/** What `squeezeFor` would do for a job that no start is promised to; a dry run that leaves no trace. */
export function planSqueezeFor(state: EngineState, job: Job): PlannedSqueeze | undefined {
  const way = { isInstead: false, kept: reservationOf(state, job) };
  const pools = poolsWithoutPaused(state, job).filter((pool) => maySqueezeIn(state, pool, job));
  return firstSqueeze(state, job, pools, () => [way]);
}

/** What `squeezeInstead` would do for a job of which this start is or would be kept; a dry run that leaves no trace. */
export function planSqueezeInstead(
  state: EngineState,
  job: Job,
  kept: KeptStart | undefined,
): PlannedSqueeze | undefined {
  const pools = poolsToSqueezeInstead(state, job, kept);
  return firstSqueeze(state, job, pools, (pool) => waysInstead(state, pool, job, kept));
}

function firstSqueeze(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
  waysIn: (pool: Pool) => readonly Squeezing[],
): PlannedSqueeze | undefined {
  const own = reservationOf(state, job);
  const all = pools.flatMap((pool) => waysIn(pool).map((way) => ({ pool, way })));
  for (const { pool, way } of all) {
    const plan = withLifted(own === undefined ? [] : [own], () =>
      planSqueeze(state, pool, job, way),
    );
    const lowered = (plan?.lowered ?? []).filter(({ attempt, capWatts }) =>
      isInReach(state, pool.site, attempt, capWatts),
    );
    if (plan !== undefined && lowered.length > 0) {
      return {
        ...startOnceLowered(state, pool, job, plan),
        lowered: [...new Set(lowered.map(({ attempt }) => attempt.job))].toSorted((a, b) => a - b),
        isPromised: isPromised(state, pool, job, { plan, way }),
      };
    }
  }
  return undefined;
}

function maySqueezeIn(state: EngineState, pool: Pool, job: Job): boolean {
  return maySqueeze(state, pool.site) && hasGpus(pool, job);
}

function hasGpus(pool: Pool, job: Job): boolean {
  const { nodeCount, gpusPerNode } = job.spec;
  // However long it takes: what is kept for others is theirs.
  const mayUseKept = firstKeptMs(pool, job.number) === Infinity;
  return availableNodes({ pool, gpusPerNode, mayUseKept }, 0) >= nodeCount;
}

function squeezeIn(deciding: Deciding, pool: Pool, job: Job, way: Squeezing): boolean {
  const { state } = deciding;
  const { site } = pool;
  const own = reservationOf(state, job);
  const plan = withLifted(own === undefined ? [] : [own], () => planSqueeze(state, pool, job, way));
  if (plan === undefined || !orderSqueeze(deciding, site, job, plan)) {
    return false;
  }
  if (isPromised(state, pool, job, { plan, way })) {
    emitReservation(deciding, job, startOnceLowered(state, pool, job, plan));
  }
  return true;
}

/** Is the start promised that caps are lowered for? */
function isPromised(
  state: EngineState,
  pool: Pool,
  job: Job,
  { plan, way }: { readonly plan: SqueezePlan; readonly way: Squeezing },
): boolean {
  const isKept = plan.nodes.some(
    (node) => (pool.site.reservationOfNode[node]?.job ?? job.number) !== job.number,
  );
  // Before they have fallen for good, what others are promised later would not hold beside it.
  return !isKept && way.isForGood !== true && mayPromise(state, pool, job);
}

/** Orders the caps that a job is squeezed for with. @returns whether any was */
export function orderSqueeze(
  deciding: Deciding,
  site: SiteState,
  job: Job,
  { lowered }: SqueezePlan,
): boolean {
  const { state } = deciding;
  const ordered = lowered.filter(({ attempt, capWatts }) =>
    orderWithinRamp(deciding, site, attempt, capWatts),
  );
  if (ordered.length === 0) {
    return false;
  }
  const attempts = ordered.map((one) => one.attempt);
  site.squeezed = { job: job.number, atMs: state.nowMs, attempts };
  noteSqueeze(state, site, job.number);
  // Where a node does not answer, the others are looked at again.
  state.preemptsAgainAtMs = Math.min(state.preemptsAgainAtMs, state.nowMs + squeezeHoldMs);
  return true;
}

/** Ramps may hold back the orders, and the start: nobody knows when, so nothing is promised. */
function mayPromise(state: EngineState, pool: Pool, job: Job): boolean {
  return !state.ramps.has(pool.site.site.id) && mayReserve(pool, job.number, priorityOf(job));
}

/** The start that the lowered caps make room for, once their nodes have answered. */
function startOnceLowered(
  state: EngineState,
  pool: Pool,
  job: Job,
  plan: SqueezePlan,
): PlannedStart {
  return startAsSqueezed(pool, job, plan, state.nowMs + squeezeLeadMs);
}

export function startAsSqueezed(
  pool: Pool,
  job: Job,
  { nodes, capWatts }: Omit<SqueezePlan, "lowered">,
  startAtMs: number,
): PlannedStart {
  const curve = curveOf(pool, job.spec.workloadClass);
  const isFull = capWatts === 0 || capWatts >= (pool.gpuCap?.highestWatts ?? 0);
  return {
    pool,
    nodes,
    startAtMs,
    capWatts: isFull ? 0 : capWatts,
    endsByMs: endAt(startAtMs, nextWorkMs(job), speedUnder(curve, capWatts)),
  };
}
