import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { reservationIn } from "../state/reservations.ts";
import type { Pool, Reservation } from "../state/site-state.ts";
import { bends, findBentStart } from "./bend.ts";
import { poolsOf } from "./capacity.ts";
import {
  comesBackByBounds,
  isBehindPaused,
  isOnItsWayBack,
  wantedNow,
} from "./kept-for-returns.ts";
import { isAboveQuota } from "./quota.ts";
import { canHoldOn, findNodes } from "./search.ts";
import type { Wanted } from "./room.ts";
import { nextWorkMs, placementOn, type Start } from "./wanted.ts";

/**
 * Where a job would go if it started now, or undefined: whole and at full power, else as far as it
 * bends. Also the dry run behind `plan`.
 */
export function findStart(
  state: EngineState,
  job: Job,
  kept: Reservation | undefined,
): Start | undefined {
  const pools = poolsOfPass(state, job);
  for (const pool of isAboveQuota(state, job) ? [] : pools) {
    const wanted = wantedNow(state, pool, job, state.nowMs + nextWorkMs(job));
    const nodes =
      findNodes(wanted) ??
      (kept?.pool === pool && canHoldAsKept(state, wanted, kept) ? [...kept.nodes] : undefined);
    if (nodes !== undefined) {
      const workMs = nextWorkMs(job);
      return { placement: placementOn(wanted, nodes), workMs, endsByMs: state.nowMs + workMs };
    }
  }
  return bends(job.spec) || (kept?.capWatts ?? 0) !== 0
    ? findBentStart({ state, job, kept, pools })
    : undefined;
}

/**
 * Could it start on the nodes that are kept for it? Once that is due, only what there is room for now is in its way: later
 * ledgers count it already, and whoever was promised a start since has been promised it beside that.
 */
function canHoldAsKept({ nowMs }: EngineState, wanted: Wanted, kept: Reservation): boolean {
  const isDue = kept.startAtMs <= nowMs && kept.capWatts === 0;
  const ledger = (wanted.ledger ?? wanted.pool.site.horizons).slice(0, 1);
  return canHoldOn(isDue ? { ...wanted, ledger } : wanted, kept.nodes);
}

/** The pools of a job whose clusters answer: elsewhere nothing can be started. */
export function answeringPools(state: EngineState, job: Job): readonly Pool[] {
  return only(poolsOf(state, job), isAnswering);
}

/** Without those where it comes back from a pause with the watts that the shed decision has for it. */
function poolsOfPass(state: EngineState, job: Job): readonly Pool[] {
  const pools = answeringPools(state, job);
  return job.returningTasks.length === 0
    ? pools
    : only(pools, ({ site }) => !comesBackByBounds(state, site, job));
}

/** Where it may be promised a start once more: who is paused goes before it, and lets it go again where it is in the way. */
export function poolsToPromise(state: EngineState, job: Job): readonly Pool[] {
  return isOnItsWayBack(state, job) ? [] : poolsOfPass(state, job);
}

/**
 * Those of them where no job that was paused for a curtailment waits for its watts: only there others
 * make room for a newcomer.
 */
export function poolsWithoutPaused(state: EngineState, job: Job): readonly Pool[] {
  return only(poolsToPromise(state, job), ({ site }) => !isBehindPaused(state, site, job));
}

function isAnswering({ site }: Pool): boolean {
  return site.awaySinceMs === undefined;
}

/** Asked for every shape of a queue: the usual list is handed on as it is. */
function only(pools: readonly Pool[], isMeant: (pool: Pool) => boolean): readonly Pool[] {
  return pools.every(isMeant) ? pools : pools.filter(isMeant);
}

/** What is kept for a job, if it heads the queue of a pool. */
export function reservationOf(state: EngineState, job: Job): Reservation | undefined {
  for (const pool of poolsOf(state, job)) {
    const reservation = reservationIn(pool, job.number);
    if (reservation !== undefined) {
      return reservation;
    }
  }
  return undefined;
}
