import { unansweredMs } from "../../limits.ts";
import { hasRoomBesideKept } from "../../placement/beside-kept.ts";
import { poolsOf } from "../../placement/capacity.ts";
import type { Wanted } from "../../placement/room.ts";
import { canHoldOn, findNodes } from "../../placement/search.ts";
import { wantedUntil } from "../../placement/wanted.ts";
import { highestCapWith } from "../../placement/highest-cap.ts";
import { freeGpusOf } from "../../power/free-counts.ts";
import { curveOf, floorCap, gangSpeed } from "../../power/shedding/curves.ts";
import { besideReturns } from "../../power/shedding/beside-returns.ts";
import { begunCeilingsAt, hardCeilingsAt } from "../../power/horizons.ts";
import { isFelt } from "../../power/recovery.ts";
import { endAt } from "../../power/shedding/work.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { Job } from "../../state/job.ts";
import type { Horizon, Pool, SiteState } from "../../state/site-state.ts";
import { hasTask } from "../../state/task-ranges.ts";
import { workToGoOnMs } from "../../state/work-wanted.ts";
import type { Deciding } from "../deciding.ts";

/** A task that is to come back, and may. */
export interface Returning {
  readonly job: Job;
  readonly paused: PausedTask;
  readonly pool: Pool;
  readonly nodeCount: number;
}

export function returningOf(
  { state }: Pick<Deciding, "state">,
  site: SiteState,
  paused: PausedTask | undefined,
): Returning | undefined {
  const job = paused?.site === site.site.id ? state.jobs.get(paused.job) : undefined;
  // Who takes any model comes back on GPUs of the one that it ran on: the watts are kept for these.
  const ranIn = site.nodePool[paused?.nodes[0] ?? -1];
  const pool = job && poolsOf(state, job).find((one) => one === ranIn);
  if (job === undefined || paused === undefined || pool === undefined) {
    return undefined;
  }
  const { taskThrottle } = job.spec;
  const mayStart =
    paused.isReturning &&
    hasTask(job.pending, paused.task) &&
    job.isReady &&
    !job.isHeld &&
    !job.isCancelled &&
    site.awaySinceMs === undefined &&
    (taskThrottle === 0 || job.runningCount < taskThrottle);
  // On as many nodes as it ran on, for which it is planned and granted its watts, also where it had started on fewer.
  return mayStart ? { job, paused, pool, nodeCount: paused.nodes.length } : undefined;
}

export interface FoundStart {
  readonly wanted: Wanted;
  readonly nodes: readonly number[];
  readonly workMs: number;
  readonly endsByMs: number;
}

/** While a planned curtailment steers, it grants what goes on with fewer nodes its watts on those that are kept for it. */
function mayGoElsewhere(fromMs: number, { paused, pool: { site } }: Returning): boolean {
  return !(
    paused.isShrinking &&
    isSteered(fromMs, site) &&
    paused.nodes.every((node) => freeGpusOf(site, node) >= paused.gpusPerNode)
  );
}

/** What it still has to do, and when that is done from a moment on under one cap. */
export function workFrom(
  fromMs: number,
  { job, paused, pool, nodeCount }: Returning,
  capWatts: number,
): Pick<FoundStart, "workMs" | "endsByMs"> {
  const workMs = workToGoOnMs(job, paused.task);
  const curve = curveOf(pool, job.spec.workloadClass);
  const speed = gangSpeed(curve, { capWatts, nodeCount }, job.spec.nodeCount);
  return { workMs, endsByMs: endAt(fromMs, workMs, speed) };
}

/** From a moment on under one cap, 0: none. On the nodes it had where that is possible. */
export function startAt(
  fromMs: number,
  returning: Returning,
  capWatts: number,
  ledger: readonly Horizon[],
): FoundStart | undefined {
  const { job, paused, pool, nodeCount } = returning;
  const { workMs, endsByMs } = workFrom(fromMs, returning, capWatts);
  const wanted: Wanted = { ...wantedUntil(pool, job, endsByMs), nodeCount, capWatts, ledger };
  const mayUseKept = wanted.mayUseKept || hasRoomBesideKept(pool.site, paused, wanted.holdsUntilMs);
  const nodes = canHoldOn({ ...wanted, mayUseKept }, paused.nodes)
    ? paused.nodes
    : mayGoElsewhere(fromMs, returning)
      ? findNodes(wanted)
      : undefined;
  return nodes && { wanted, nodes, workMs, endsByMs };
}

function isSteered(atMs: number, { curtailments }: SiteState): boolean {
  return curtailments.some((one) => one.mode === "planned" && isFelt(one, atMs));
}

/**
 * What was shrunk for a planned curtailment that is yet to begin was planned by draw, and its bounds may
 * exceed the target then: limits, budgets and emergencies are asked. While one is on, its target, too,
 * unless its steering grants the start (`startReturning`); for one to come it pauses again. What others come back to is theirs.
 */
export function ledgerOf(
  { state }: Deciding,
  site: SiteState,
  own: PausedTask,
): readonly Horizon[] {
  const { nowMs } = state;
  const [now, ...later] = site.horizons;
  const horizons =
    isSteered(nowMs, site) && now !== undefined
      ? [now, ...later.map((one) => ({ ...one, ceiling: begunCeilingsAt(site, one.atMs, nowMs) }))]
      : site.horizons.map((horizon) => ({
          ...horizon,
          ceiling: hardCeilingsAt(site, Math.max(horizon.atMs, nowMs)),
        }));
  return besideReturns(state, site, { own, horizons });
}

/**
 * Who was to get nodes again goes on with as many of them as there are still watts for; who gives some back for what bounds
 * must not exceed, too, where what was planned for it does not come. While a planned curtailment steers, it grants all of them.
 */
export function largestStart(deciding: Deciding, returning: Returning): FoundStart | undefined {
  const { paused, job, pool } = returning;
  const { nowMs } = deciding.state;
  const mayBeLess = paused.isGrowing === true || waitsInVain(nowMs, returning);
  const isLess = mayBeLess && !isSteered(nowMs, pool.site);
  const fewest = isLess ? job.spec.nodeCountMin : returning.nodeCount;
  for (let nodeCount = returning.nodeCount; nodeCount >= fewest; nodeCount -= 1) {
    const nodes = paused.nodes.slice(0, nodeCount);
    const found = highestStart(deciding, { ...returning, nodeCount, paused: { ...paused, nodes } });
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What others were asked for it has been answered since it exited, or is late and planned without. */
function waitsInVain(nowMs: number, { job, paused }: Returning): boolean {
  const before = job.history.findLast(({ task }) => task === paused.task);
  const exitedAtMs = before?.exitedAtMs ?? -Infinity;
  return paused.curtailment === undefined && nowMs - exitedAtMs >= unansweredMs;
}

export function highestStart(
  deciding: Deciding,
  returning: Returning,
  ledger: readonly Horizon[] = ledgerOf(deciding, returning.pool.site, returning.paused),
): FoundStart | undefined {
  const { pool, job } = returning;
  const { nowMs } = deciding.state;
  const floor = floorCap(pool, job.spec);
  const atFull = startAt(nowMs, returning, 0, ledger);
  if (atFull !== undefined || floor === 0) {
    return atFull;
  }
  const caps = { floorWatts: floor, highestWatts: pool.gpuCap?.highestWatts ?? floor };
  return highestCapWith(caps, (cap) => startAt(nowMs, returning, cap, ledger));
}
