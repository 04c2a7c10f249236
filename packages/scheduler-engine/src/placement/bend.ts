import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { curveOf, floorCap, gangSpeed } from "../power/shedding/curves.ts";
import { endAt } from "../power/shedding/work.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { isDoneInTime } from "../state/reservations.ts";
import type { Pool, Reservation } from "../state/site-state.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { wantedNow } from "./kept-for-returns.ts";
import { holdingOfPlacement, isAboveQuota, quotaBlock } from "./quota.ts";
import { mayFitSite, type Wanted } from "./room.ts";
import { canHoldOn, findNodes } from "./search.ts";
import { isBent, isSoonerByWaiting } from "./wait-for-full-power.ts";
import { nextWorkMs, placementOn, type Start } from "./wanted.ts";
import { highestCapWith } from "./highest-cap.ts";
import { largestWith } from "./largest-with.ts";

/** Windows that a job with a minimum walltime is tried to end before. */
const windowsTried = 8;

export interface BentSearch {
  readonly state: EngineState;
  readonly job: Job;
  readonly kept: Reservation | undefined;
  readonly pools: readonly Pool[];
}

/** May a job start smaller, slower or for a shorter time than it would like? */
export function bends(spec: JobSpec): boolean {
  return (
    spec.flexibilityTier > 0 ||
    spec.nodeCountMin < spec.nodeCount ||
    toNumber(spec.walltimeMin) < toNumber(spec.walltime)
  );
}

/** False when the site surely has no room for a job, however far it bends. */
export function mayFitBent(pool: Pool, job: Job, nowMs: number): boolean {
  const { spec } = job;
  const endsByMs = nowMs + Math.min(nextWorkMs(job), toNumber(spec.walltimeMin));
  const capWatts = floorCap(pool, spec);
  return mayFitSite({
    pool,
    nodeCount: spec.nodeCountMin,
    gpusPerNode: spec.gpusPerNode,
    capWatts,
    floorCapWatts: capWatts,
    holdsUntilMs: endsByMs + stopGraceMs,
    mayUseKept: true,
  });
}

/**
 * A start that bends: capped, on fewer nodes, both, or for a shorter time, in this order. Capped or on
 * fewer nodes only when the job then ends no later than if it waited for full power, or for what it was
 * promised; a promised start is kept at the cap and with the nodes it was promised. A job that is more than
 * its account may ever hold does not wait for full power: it never comes.
 */
export function findBentStart(search: BentSearch): Start | undefined {
  for (const pool of search.pools) {
    if (!mayBend(search, pool)) {
      continue;
    }
    const start =
      inTime(search, cappedStart(search, pool)) ??
      inTime(search, smallerStart(search, pool, 0)) ??
      inTime(search, smallerCappedStart(search, pool)) ??
      shorterStart(search, pool);
    if (start !== undefined) {
      return start;
    }
  }
  return undefined;
}

/** False for most: two look-ups at the feed instead of four searches. What is kept for a job is not asked for here. */
function mayBend({ state, job, kept }: BentSearch, pool: Pool): boolean {
  return kept !== undefined || mayFitBent(pool, job, state.nowMs);
}

/**
 * Is it done by then no later than if it waited for full power, or than it was promised? Asked only of what
 * fits at all.
 */
function isInTime({ state, job, kept, pools }: BentSearch, endsByMs: number): boolean {
  if (isAboveQuota(state, job)) {
    return true;
  }
  if (kept !== undefined) {
    // What was due and could not come ends so much later, too.
    const lateMs = Math.max(0, state.nowMs - kept.startAtMs);
    return isDoneInTime({ endsByMs: endsByMs - lateMs }, kept);
  }
  return !pools.some((pool) => isSoonerByWaiting(state, pool, job, endsByMs));
}

function inTime(search: BentSearch, start: Start | undefined): Start | undefined {
  return start !== undefined && isInTime(search, start.endsByMs) ? start : undefined;
}

/** A gang of so many nodes, as slow as it may be. */
interface Least {
  readonly nodeCount: number;
  /** 0: not capped. */
  readonly capWatts: number;
}

/** The lowest cap and the fewest nodes that will do: what was promised, else what the job allows. */
function leastOf({ job, kept }: BentSearch, pool: Pool): Least {
  return kept?.pool === pool && isBent(kept, job)
    ? { capWatts: kept.capWatts, nodeCount: kept.nodes.length }
    : { capWatts: floorCap(pool, job.spec), nodeCount: job.spec.nodeCountMin };
}

/** All nodes, at the highest cap that fits. */
function cappedStart(search: BentSearch, pool: Pool): Start | undefined {
  const { nodeCount } = search.job.spec;
  const { capWatts } = leastOf(search, pool);
  return capWatts === 0 ? undefined : raisedStart(search, pool, { nodeCount, capWatts });
}

/** The most nodes that fit at the floor, then the highest cap that fits for them. */
function smallerCappedStart(search: BentSearch, pool: Pool): Start | undefined {
  const { capWatts } = leastOf(search, pool);
  const start = capWatts === 0 ? undefined : smallerStart(search, pool, capWatts);
  return start && raisedStart(search, pool, { nodeCount: start.placement.nodes.length, capWatts });
}

/** The highest cap that fits, from the lowest that will do. */
function raisedStart(search: BentSearch, pool: Pool, least: Least): Start | undefined {
  const { nodeCount, capWatts } = least;
  const caps = { floorWatts: capWatts, highestWatts: pool.gpuCap?.highestWatts ?? 0 };
  return highestCapWith(caps, (cap) => startAt(search, pool, { nodeCount, capWatts: cap }), {
    endsByMs: (cap) => endsByAt(search, pool, { nodeCount, capWatts: cap }),
    momentsMs: tightMoments(search, pool),
  });
}

/** When there may be less room: a gang that is gone by then does not meet it. */
function tightMoments({ job }: BentSearch, pool: Pool): readonly number[] {
  return pool.site.horizons
    .map((horizon) => horizon.atMs - stopGraceMs)
    .concat(
      pool.reservations
        .filter((one) => one.job !== job.number)
        .map((one) => one.startAtMs - stopGraceMs),
    );
}

function endsByAt({ state, job }: BentSearch, pool: Pool, { nodeCount, capWatts }: Least): number {
  const curve = curveOf(pool, job.spec.workloadClass);
  const speed = gangSpeed(curve, { capWatts, nodeCount }, job.spec.nodeCount);
  return endAt(state.nowMs, nextWorkMs(job), speed);
}

/**
 * Now, with as many nodes and at the cap that is kept for a job. Where it can, on the very nodes: ramps have room there for
 * what was promised, and may have none elsewhere.
 */
export function startAsKept(state: EngineState, job: Job, kept: Reservation): Start | undefined {
  const { pool, nodes, capWatts } = kept;
  const search = { state, job, kept, pools: [pool] };
  return startAt(search, pool, { nodeCount: nodes.length, capWatts }, (wanted) =>
    canHoldOn(wanted, nodes) ? nodes : findNodes(wanted),
  );
}

/** Now, on so many nodes and at this cap. */
function startAt(
  search: BentSearch,
  pool: Pool,
  least: Least,
  find = (wanted: Wanted): readonly number[] | undefined => nodesFor(wanted, search.kept),
): Start | undefined {
  const { state, job } = search;
  const workMs = nextWorkMs(job);
  const endsByMs = endsByAt(search, pool, least);
  const wanted = { ...wantedNow(state, pool, job, endsByMs), ...least };
  const nodes = find(wanted);
  const placement = nodes && placementOn(wanted, nodes);
  if (placement === undefined) {
    return undefined;
  }
  const isTooMuch =
    isAboveQuota(state, job) &&
    quotaBlock(state, job, holdingOfPlacement(placement, job)) !== undefined;
  return isTooMuch ? undefined : { placement, endsByMs, workMs };
}

/** The most nodes that fit under a cap, 0: at full power. */
function smallerStart(search: BentSearch, pool: Pool, capWatts: number): Start | undefined {
  const tried = {
    low: leastOf(search, pool).nodeCount,
    high: search.job.spec.nodeCount - 1,
    endsByMs: (nodeCount: number) => endsByAt(search, pool, { nodeCount, capWatts }),
    momentsMs: tightMoments(search, pool),
  };
  return largestWith(tried, (nodeCount) => startAt(search, pool, { nodeCount, capWatts }));
}

/** Those that are kept for the job are better than none. */
function nodesFor(wanted: Wanted, kept: Reservation | undefined): number[] | undefined {
  const found = findNodes(wanted);
  if (found !== undefined || kept?.pool !== wanted.pool) {
    return found;
  }
  const nodes = kept.nodes.slice(0, wanted.nodeCount);
  return canHoldOn(wanted, nodes) ? nodes : undefined;
}

/** The longest time, from the minimum walltime up, that ends before a window with less room. */
function shorterStart(search: BentSearch, pool: Pool): Start | undefined {
  const { state, job, kept } = search;
  const workMs = nextWorkMs(job);
  const leastMs = Math.min(workMs, toNumber(job.spec.walltimeMin));
  if (leastMs >= workMs) {
    return undefined;
  }
  const moments = tightMoments(search, pool)
    .filter((atMs) => atMs >= state.nowMs + leastMs && atMs < state.nowMs + workMs)
    .toSorted((a, b) => b - a)
    .slice(0, windowsTried);
  for (const endsByMs of moments) {
    const wanted = wantedNow(state, pool, job, endsByMs);
    const nodes = nodesFor(wanted, kept);
    if (nodes !== undefined) {
      return { placement: placementOn(wanted, nodes), endsByMs, workMs: endsByMs - state.nowMs };
    }
  }
  return undefined;
}
