import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { ceilingsAt, curtailedAt } from "../power/horizons.ts";
import { byEnd, lastEndMs } from "../power/attempt-ends.ts";
import { createHorizon } from "../power/ledger.ts";
import { changesOf } from "../power/recovery.ts";
import { budgetsOf } from "../power/site-budgets.ts";
import { FreeMoments } from "./free-moments.ts";
import { Trial } from "../power/trial.ts";
import { known } from "../state/assert.ts";
import type { Horizon, Pool, SiteState } from "../state/site-state.ts";
import { leanFirst, smallestGrowthWatts } from "./search.ts";

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

/** What does not fit now does not fit in this second either: plans lie in the future. */
export const planLeadMs = 1000;

/** How often the time in question is halved when watts below the feed bind. */
const powerSteps = 5;

/** Slots into which ends of attempts are rounded up to find when the feed has room. */
const feedSlots = 256;

/**
 * A start that running walltimes allow, near the earliest: the moment from which enough GPUs are
 * free and the feed has room, or a later one where watts below the feed are still short. Errs to
 * the later side only, and never beyond the longest remaining walltime.
 *
 * @returns undefined when it would not fit even after everything that runs has ended
 */
export function earliestStart(
  pool: Pool,
  gang: GangSize,
  nowMs: number,
  leadMs: number = planLeadMs,
): EarliestStart | undefined {
  const freeAt = new FreeMoments(pool, gang.gpusPerNode, nowMs);
  const gpusFreeAt = freeAt.ofNth(gang.nodeCount);
  if (gpusFreeAt === Infinity) {
    return undefined;
  }
  const last = lastEndMs(pool.site, nowMs + leadMs);
  const first = Math.max(gpusFreeAt, feedRoomAt(pool, gang, nowMs, last), nowMs + leadMs);
  const found =
    nodesAt(pool, gang, freeAt, first) ??
    betweenMoments(pool, gang, freeAt, { tooEarly: first, last }) ??
    nodesWhenCeilingsRise(pool, gang, freeAt, last);
  return found && { ...found, isForWatts: found.startAtMs > Math.max(gpusFreeAt, nowMs + leadMs) };
}

/** Nodes for a gang that starts at a given moment, if it has room then. */
export function nodesForStart(
  pool: Pool,
  gang: GangSize,
  nowMs: number,
  startAtMs: number,
): readonly number[] | undefined {
  return nodesAt(pool, gang, new FreeMoments(pool, gang.gpusPerNode, nowMs), startAtMs)?.nodes;
}

type Found = Omit<EarliestStart, "isForWatts">;

function betweenMoments(
  pool: Pool,
  gang: GangSize,
  freeAt: FreeMoments,
  within: { readonly tooEarly: number; readonly last: number },
): Found | undefined {
  let { tooEarly, last } = within;
  let found = nodesAt(pool, gang, freeAt, last);
  for (let step = 0; found !== undefined && step < powerSteps && last - tooEarly > 1; step += 1) {
    const middle = Math.floor((tooEarly + last) / 2);
    const earlier = nodesAt(pool, gang, freeAt, middle);
    if (earlier === undefined) {
      tooEarly = middle;
    } else {
      found = earlier;
      last = middle;
    }
  }
  return found;
}

/** With everything ended, only budgets and curtailments stand in the way: look where they let go. */
function nodesWhenCeilingsRise(
  pool: Pool,
  gang: GangSize,
  freeAt: FreeMoments,
  lastMs: number,
): Found | undefined {
  const ends = budgetsOf(pool.site).map((one) =>
    one.until === undefined ? 0 : toNumber(one.until),
  );
  const moments = [...ends, ...pool.site.curtailments.flatMap(changesOf)]
    .filter((atMs) => atMs > lastMs)
    .toSorted((a, b) => a - b);
  for (const atMs of moments) {
    const found = nodesAt(pool, gang, freeAt, atMs);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * From about when the feed has room for the gang, judged by the watts that ending attempts give
 * back: a place to begin the search, since the feed is what binds most often.
 */
function feedRoomAt(pool: Pool, gang: GangSize, nowMs: number, lastMs: number): number {
  const { site } = pool;
  const now = known(site.horizons[0], "the horizon of now");
  const perWatt = site.scaledPerWattMin[0] ?? 0;
  const needed = smallestGrowthWatts({ pool, ...gang }) * gang.nodeCount * perWatt;
  let missing = needed + (now.load[0] ?? 0) - (now.ceiling[0] ?? 0);
  if (missing <= 0) {
    return nowMs;
  }
  const slotMs = Math.max(1, Math.ceil((lastMs - nowMs) / feedSlots));
  for (const { attempt, untilMs } of byEnd(site)) {
    missing -= toNumber(attempt.placement.powerReserved) * perWatt;
    if (missing <= 0) {
      const slot = Math.ceil(Math.max(0, untilMs - nowMs) / slotMs);
      return Math.min(lastMs, nowMs + slot * slotMs);
    }
  }
  return lastMs;
}

/** Nodes for the gang from `atMs` on, on a ledger of that moment and every known one after it. */
function nodesAt(pool: Pool, gang: GangSize, freeAt: FreeMoments, atMs: number): Found | undefined {
  const { site } = pool;
  const untilMs = atMs + gang.walltimeMs + stopGraceMs;
  const then = createHorizon(site, atMs, ceilingsAt(site, atMs), curtailedAt(site, atMs));
  const needed =
    smallestGrowthWatts({ pool, ...gang }) * gang.nodeCount * (site.scaledPerWattMin[0] ?? 0);
  if ((then.load[0] ?? 0) + needed > (then.ceiling[0] ?? 0)) {
    return undefined;
  }
  const ledger = [then, ...site.horizons.filter((horizon) => horizon.atMs > atMs)];
  const nodes =
    tryInOrder(site, ledger, gang, { freeAt, atMs, untilMs }) ??
    (pool.isMixed
      ? tryInOrder(site, ledger, gang, {
          freeAt,
          atMs,
          untilMs,
          order: leanFirst(pool, gang.gpusPerNode),
        })
      : undefined);
  return nodes === undefined ? undefined : { startAtMs: atMs, nodes };
}

interface Moment {
  readonly freeAt: FreeMoments;
  readonly atMs: number;
  readonly untilMs: number;
  /** Absent: in order of the site file. */
  readonly order?: readonly number[];
}

function tryInOrder(
  site: SiteState,
  ledger: readonly Horizon[],
  gang: GangSize,
  moment: Moment,
): readonly number[] | undefined {
  const { freeAt, atMs, order } = moment;
  const trial = new Trial(site, ledger, moment.untilMs);
  const count = order?.length ?? freeAt.nodeCount;
  for (let at = 0; at < count && trial.nodes.length < gang.nodeCount; at += 1) {
    const node = order === undefined ? at : (order[at] ?? -1);
    if (freeAt.at(node) <= atMs) {
      trial.add(node, gang);
    }
  }
  trial.undo();
  return trial.nodes.length === gang.nodeCount ? trial.nodes.toSorted((a, b) => a - b) : undefined;
}
