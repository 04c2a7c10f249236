import { stopGraceMs } from "../limits.ts";
import { ceilingsAt, curtailedAt } from "../power/horizons.ts";
import { byEnd, lastEndMs } from "../power/attempt-ends.ts";
import { createHorizon, laterHorizon, letGoOf } from "../power/create-horizon.ts";
import { besideReturnsThen } from "../power/shedding/beside-returns.ts";
import { ceilingChangesAfter, feedRoomAt } from "./feed-room.ts";
import { FreeMoments } from "./free-moments.ts";
import type { Horizon, Pool, SiteState } from "../state/site-state.ts";
import { nodesIn } from "./nodes-then.ts";
import { smallestGrowthWatts } from "./room.ts";

/** When a gang could start, if nothing but running walltimes stood in its way. */
export interface EarliestStart {
  readonly startAtMs: number;
  readonly nodes: readonly number[];
  /** It waits for watts: GPUs alone are free before. */
  readonly isForWatts: boolean;
}

export interface GangSize {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  /** Of every GPU; 0: not capped. */
  readonly capWatts: number;
  readonly floorCapWatts: number;
  readonly walltimeMs: number;
}

/** A gang whose start is looked for. */
export interface WaitingGang extends GangSize {
  /** May it count on nodes that are kept for others? Not where its start is to be kept, too. */
  readonly mayUseKept: boolean;
}

/** What does not fit now does not fit in this second either: plans lie in the future. */
export const planLeadMs = 1000;

/** How often the time in question is halved when watts below the feed bind. */
const powerSteps = 5;

/**
 * A start that running walltimes allow, near the earliest: the moment from which enough GPUs are
 * free and the feed has room, or a later one where watts below the feed are still short. Errs to
 * the later side only, and never beyond the longest remaining walltime.
 *
 * @returns undefined when it would not fit even after everything that runs has ended
 */
export function earliestStart(
  pool: Pool,
  gang: WaitingGang,
  nowMs: number,
  leadMs: number = planLeadMs,
): EarliestStart | undefined {
  const begun = beginSearch(pool, gang, nowMs, leadMs);
  if (begun === undefined) {
    return undefined;
  }
  const { search, gpusFreeAtMs, firstMs, lastMs } = begun;
  const found =
    nodesAt(search, firstMs) ??
    betweenMoments(search, firstMs, lastMs) ??
    nodesWhenCeilingsRise(search, lastMs);
  endSearch(search);
  return (
    found && { ...found, isForWatts: found.startAtMs > Math.max(gpusFreeAtMs, nowMs + leadMs) }
  );
}

/**
 * Does `earliestStart` find a moment before this one? Looks no further than it takes to know, which is
 * mostly a look at the first moment in question.
 */
export function startsBefore(pool: Pool, gang: WaitingGang, nowMs: number, atMs: number): boolean {
  const begun = beginSearch(pool, gang, nowMs, planLeadMs);
  if (begun === undefined || begun.firstMs >= atMs) {
    return false;
  }
  const { search, firstMs } = begun;
  const isFound = nodesAt(search, firstMs) !== undefined || isFoundBefore(begun, atMs);
  endSearch(search);
  return isFound;
}

/** The same when the first moment is known to be too early. */
function isFoundBefore({ search, firstMs, lastMs }: Begun, atMs: number): boolean {
  let tooEarlyMs = firstMs;
  let latestMs = lastMs;
  for (let step = 0; step < powerSteps && latestMs - tooEarlyMs > 1; step += 1) {
    if (soonestOf(tooEarlyMs, latestMs, powerSteps - step) >= atMs) {
      return false;
    }
    const middle = Math.floor((tooEarlyMs + latestMs) / 2);
    if (nodesAt(search, middle) === undefined) {
      tooEarlyMs = middle;
    } else if (middle < atMs) {
      return true;
    } else {
      latestMs = middle;
    }
  }
  if (latestMs < lastMs || lastMs >= atMs) {
    return false;
  }
  const found = nodesAt(search, lastMs) ?? nodesWhenCeilingsRise(search, lastMs);
  return found !== undefined && found.startAtMs < atMs;
}

/** What so many halvings end with when there is room at each. */
function soonestOf(tooEarlyMs: number, latestMs: number, stepCount: number): number {
  let soonest = latestMs;
  for (let step = 0; step < stepCount && soonest - tooEarlyMs > 1; step += 1) {
    soonest = Math.floor((tooEarlyMs + soonest) / 2);
  }
  return soonest;
}

interface Begun {
  readonly search: Search;
  readonly gpusFreeAtMs: number;
  /** No start is sooner. */
  readonly firstMs: number;
  /** Everything that runs has ended. */
  readonly lastMs: number;
}

/** Undefined: there are never enough GPUs. */
function beginSearch(
  pool: Pool,
  gang: WaitingGang,
  nowMs: number,
  leadMs: number,
): Begun | undefined {
  const freeAt = new FreeMoments(pool, gang, nowMs);
  const gpusFreeAtMs = freeAt.ofNth(gang.nodeCount);
  if (gpusFreeAtMs === Infinity) {
    return undefined;
  }
  const soonestMs = Math.max(nowMs + leadMs, overdueUntilMs(pool.site, nowMs));
  const lastMs = lastEndMs(pool.site, soonestMs);
  const firstMs = Math.max(gpusFreeAtMs, feedRoomAt(pool, gang, nowMs, lastMs), soonestMs);
  return {
    search: { nowMs, pool, gang, freeAt, tooEarly: undefined },
    gpusFreeAtMs,
    firstMs,
    lastMs,
  };
}

/** Nodes for a gang that starts at a given moment, if it has room then. */
export function nodesForStart(
  pool: Pool,
  gang: WaitingGang,
  nowMs: number,
  startAtMs: number,
): readonly number[] | undefined {
  const freeAt = new FreeMoments(pool, gang, nowMs);
  const search: Search = { nowMs, pool, gang, freeAt, tooEarly: undefined };
  const found = nodesAt(search, startAtMs)?.nodes;
  endSearch(search);
  return found;
}

type Found = Omit<EarliestStart, "isForWatts">;

interface Search {
  readonly nowMs: number;
  readonly pool: Pool;
  readonly gang: GangSize;
  readonly freeAt: FreeMoments;
  /** The ledger of the last moment that was too early: later ones are worked out from there. */
  tooEarly: Horizon | undefined;
}

function endSearch({ pool, tooEarly }: Search): void {
  if (tooEarly !== undefined) {
    letGoOf(pool.site, tooEarly);
  }
}

/** The end is looked at last: it is the dearest, since everything has ended by then, and seldom the answer. */
function betweenMoments(search: Search, firstMs: number, lastMs: number): Found | undefined {
  let tooEarlyMs = firstMs;
  let latestMs = lastMs;
  let found: Found | undefined;
  for (let step = 0; step < powerSteps && latestMs - tooEarlyMs > 1; step += 1) {
    const middle = Math.floor((tooEarlyMs + latestMs) / 2);
    const earlier = nodesAt(search, middle);
    if (earlier === undefined) {
      tooEarlyMs = middle;
    } else {
      found = earlier;
      latestMs = middle;
    }
  }
  return found ?? nodesAt(search, lastMs);
}

/** With everything ended, only budgets and curtailments stand in the way: look where they let go. */
function nodesWhenCeilingsRise(search: Search, lastMs: number): Found | undefined {
  const { site } = search.pool;
  for (const atMs of ceilingChangesAfter(site, lastMs)) {
    const found = nodesAt(search, atMs);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What outstays its walltime and grace still draws: plans give it a stop grace more. */
function overdueUntilMs(site: SiteState, nowMs: number): number {
  for (const { untilMs } of byEnd(site)) {
    return untilMs <= nowMs ? nowMs + stopGraceMs : nowMs;
  }
  return nowMs;
}

/** Nodes for the gang from `atMs` on, on a ledger of that moment and every known one after it. */
function nodesAt(search: Search, atMs: number): Found | undefined {
  const { pool, gang } = search;
  const then = ledgerAt(search, atMs);
  const needed =
    smallestGrowthWatts({ pool, ...gang }) * gang.nodeCount * (pool.site.scaledPerWattMin[0] ?? 0);
  const nodes =
    (then.load[0] ?? 0) + needed > (then.ceiling[0] ?? 0) ? undefined : nodesIn(search, then);
  const isBase = nodes === undefined && then.isCurtailed === undefined;
  const unused = isBase ? search.tooEarly : then;
  if (isBase) {
    search.tooEarly = then;
  }
  if (unused !== undefined) {
    letGoOf(pool.site, unused);
  }
  return nodes === undefined ? undefined : { startAtMs: atMs, nodes };
}

function ledgerAt({ nowMs, pool, tooEarly }: Search, atMs: number): Horizon {
  const { site } = pool;
  const isCurtailed = curtailedAt(site, atMs, nowMs);
  const ceiling = ceilingsAt(site, atMs);
  const then =
    tooEarly === undefined || isCurtailed !== undefined || atMs < tooEarly.atMs
      ? createHorizon(site, atMs, ceiling, isCurtailed)
      : laterHorizon(site, tooEarly, atMs, ceiling);
  return besideReturnsThen(site, then);
}
