import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { curveOf, floorCap, gangSpeed } from "../power/curves.ts";
import { endAt } from "../power/work.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { Pool, Reservation } from "../state/site-state.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { earliestStart } from "./earliest.ts";
import { canHoldOn, findNodes, mayFitSite, type Wanted } from "./search.ts";
import { nextWorkMs, placementOn, type Start, wantedUntil } from "./wanted.ts";

/** Between caps that are tried there are so many watts. */
export const capStepWatts = 5;

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
    ...wantedUntil(pool, job, endsByMs),
    nodeCount: spec.nodeCountMin,
    capWatts,
    mayUseKept: true,
  });
}

/**
 * A start that bends: capped, on fewer nodes, or for a shorter time, in this order. Capped or on fewer
 * nodes only when the job then ends no later than if it waited for full power; a promised start is
 * kept at the cap it was promised.
 */
export function findBentStart(search: BentSearch): Start | undefined {
  const latest = latestEnd(search);
  for (const pool of search.pools) {
    const start =
      cappedStart(search, pool, latest) ??
      smallerStart(search, pool, latest) ??
      shorterStart(search, pool);
    if (start !== undefined) {
      return start;
    }
  }
  return undefined;
}

/** When the job would end if it waited for full power; asked only when something fits at all. */
function latestEnd({ state, job, kept, pools }: BentSearch): () => number {
  let known: number | undefined;
  return () => {
    known ??= startAtFullPower() + nextWorkMs(job);
    return known;
  };
  function startAtFullPower(): number {
    if (kept !== undefined && kept.capWatts === 0) {
      return kept.startAtMs;
    }
    const { nodeCount, gpusPerNode } = job.spec;
    const gang = { nodeCount, gpusPerNode, walltimeMs: nextWorkMs(job), capWatts: 0 };
    const starts = pools.map(
      (pool) =>
        earliestStart(pool, { ...gang, floorCapWatts: floorCap(pool, job.spec) }, state.nowMs)
          ?.startAtMs ?? Infinity,
    );
    return Math.min(...starts);
  }
}

/** The highest cap that fits, from the floor of the job or the cap it was promised. */
function cappedStart(
  { state, job, kept }: BentSearch,
  pool: Pool,
  latestEndMs: () => number,
): Start | undefined {
  const { spec } = job;
  const promised = kept?.pool === pool ? kept.capWatts : 0;
  const floor = promised === 0 ? floorCap(pool, spec) : promised;
  const curve = curveOf(pool, spec.workloadClass);
  if (floor === 0 || curve === undefined || pool.gpuCap === undefined) {
    return undefined;
  }
  const workMs = nextWorkMs(job);
  const at = (capWatts: number): Start | undefined => {
    const speed = gangSpeed(curve, { capWatts, nodeCount: 1 }, 1);
    const endsByMs = endAt(state.nowMs, workMs, speed);
    const wanted = { ...wantedUntil(pool, job, endsByMs), capWatts };
    const nodes = nodesFor(wanted, kept);
    return nodes && { placement: placementOn(wanted, nodes), endsByMs, workMs };
  };
  let best = at(floor);
  if (best === undefined) {
    return undefined;
  }
  let low = 0;
  let high = Math.floor((pool.gpuCap.highestWatts - 1 - floor) / capStepWatts);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const found = at(floor + middle * capStepWatts);
    if (found === undefined) {
      high = middle - 1;
    } else {
      best = found;
      low = middle;
    }
  }
  return promised !== 0 || best.endsByMs <= latestEndMs() ? best : undefined;
}

/** The most nodes that fit, at full power. */
function smallerStart(
  { state, job, kept }: BentSearch,
  pool: Pool,
  latestEndMs: () => number,
): Start | undefined {
  const { nodeCount, nodeCountMin } = job.spec;
  const workMs = nextWorkMs(job);
  let best: Start | undefined;
  let low = nodeCountMin;
  let high = nodeCount - 1;
  while (low <= high) {
    const middle = Math.floor((low + high + 1) / 2);
    const endsByMs = endAt(state.nowMs, workMs, middle / nodeCount);
    const wanted = { ...wantedUntil(pool, job, endsByMs), nodeCount: middle };
    const nodes = findNodes(wanted) ?? (kept === undefined ? undefined : someOf(wanted, kept));
    if (nodes === undefined) {
      high = middle - 1;
    } else {
      best = { placement: placementOn(wanted, nodes), endsByMs, workMs };
      low = middle + 1;
    }
  }
  return best !== undefined && best.endsByMs <= latestEndMs() ? best : undefined;
}

function someOf(wanted: Wanted, kept: Reservation): number[] | undefined {
  const nodes = kept.nodes.slice(0, wanted.nodeCount);
  return kept.pool === wanted.pool && canHoldOn(wanted, nodes) ? [...nodes] : undefined;
}

function nodesFor(wanted: Wanted, kept: Reservation | undefined): number[] | undefined {
  return (
    findNodes(wanted) ??
    (kept?.pool === wanted.pool && canHoldOn(wanted, kept.nodes) ? [...kept.nodes] : undefined)
  );
}

/** The longest time, from the minimum walltime up, that ends before a window with less room. */
function shorterStart({ state, job, kept }: BentSearch, pool: Pool): Start | undefined {
  const workMs = nextWorkMs(job);
  const leastMs = Math.min(workMs, toNumber(job.spec.walltimeMin));
  if (leastMs >= workMs) {
    return undefined;
  }
  const moments = pool.site.horizons
    .map((horizon) => horizon.atMs - stopGraceMs)
    .concat(pool.reservation === undefined ? [] : pool.reservation.startAtMs - stopGraceMs)
    .filter((atMs) => atMs >= state.nowMs + leastMs && atMs < state.nowMs + workMs)
    .toSorted((a, b) => b - a)
    .slice(0, windowsTried);
  for (const endsByMs of moments) {
    const wanted = wantedUntil(pool, job, endsByMs);
    const nodes = nodesFor(wanted, kept);
    if (nodes !== undefined) {
      return { placement: placementOn(wanted, nodes), endsByMs, workMs: endsByMs - state.nowMs };
    }
  }
  return undefined;
}
