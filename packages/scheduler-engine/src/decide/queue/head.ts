import { stopGraceMs } from "../../limits.ts";
import { poolsToPromise, poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { promisedHolding } from "../../placement/promised-holdings.ts";
import { isBlockedThen, quotaBlockThen } from "../../placement/quota.ts";
import { outOfTheWayMs, planPromise, sameStart } from "../../placement/plan-ramp.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { isBent, promiseOnSleepers } from "../../placement/wait-for-full-power.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible, type Job, priorityOf } from "../../state/job.ts";
import {
  isDoneInTime,
  isLowerCap,
  type LostPromise,
  mayReserve,
} from "../../state/reservations.ts";
import type { Pool, Reservation, SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { emitReservation } from "../emit-reservation.ts";

/** What a promise is made with. A forecast hands in a copy of the state and an `emit` that changes only that. */
export interface Promising extends Pick<Deciding, "state" | "emit"> {
  /** The curtailment that is announced by this: who is moved for it is back only after it has let its nodes sleep, and others pause on them. */
  readonly announced?: Curtailment;
}

/**
 * Keeps a start for a job that does not fit and heads the queue of a pool. It stays until the job starts:
 * one of a higher class that comes later is promised a start beside it. One that could not keep its time gets a new one, a stop grace away: what holds it up is overdue already,
 * and asking every second would fill the log.
 */
export function reserveIfHead(deciding: Promising, job: Job): void {
  const { state } = deciding;
  const own = reservationOf(state, job);
  if (own !== undefined) {
    if (own.startAtMs > state.nowMs) {
      return;
    }
    deciding.emit({ kind: "reservation-dropped", job: job.number });
  }
  const lost = state.lostPromises.get(job.number);
  const best = lost === undefined ? bestStart(state, job, false) : startAgain(deciding, job, lost);
  if (best !== undefined) {
    const leastMs = own === undefined ? 0 : state.nowMs + stopGraceMs;
    const plan = later(best, leastMs);
    if (!isBlockedThen(state, job, plan)) {
      emitReservation(deciding, job, plan);
    }
  }
}

/** The start that a pass would promise a job that heads the queue of a pool and has none yet, as things are. */
export function startToPromise(state: EngineState, job: Job): PlannedStart | undefined {
  const plan = bestStart(state, job, false);
  return plan !== undefined && !isBlockedThen(state, job, plan) ? plan : undefined;
}

/** A start that its account may not have, also not when it is due, is kept from nobody else. */
export function letGoBlocked({ state, emit }: Promising, job: Job): void {
  const kept = reservationOf(state, job);
  if (
    kept !== undefined &&
    (kept.startAtMs <= state.nowMs || isKeptBlockedThen(state, job, kept))
  ) {
    emit({ kind: "reservation-dropped", job: job.number, isOverQuota: true });
  }
}

/** What its account holds now may be over when it starts. */
function isKeptBlockedThen(state: EngineState, job: Job, kept: Reservation): boolean {
  const more = promisedHolding(kept.pool.site, kept);
  return quotaBlockThen(state, job, more, kept.startAtMs) !== undefined;
}

/**
 * Promised starts that had to be let go are promised again before anybody else is looked at, whoever is
 * promised one meanwhile: those of higher classes first, then those that were to start first.
 */
export function promiseAgain(deciding: Promising): void {
  const { jobs, lostPromises } = deciding.state;
  const lost = [...lostPromises]
    .flatMap(([number, { startAtMs }]) => {
      const job = jobs.get(number);
      return job !== undefined && isEligible(job) ? [{ job, startAtMs }] : [];
    })
    .toSorted(
      (a, b) =>
        priorityOf(b.job) - priorityOf(a.job) ||
        a.startAtMs - b.startAtMs ||
        a.job.number - b.job.number,
    );
  for (const { job } of lost) {
    reserveIfHead(deciding, job);
  }
}

/**
 * What was in the way of promised starts of a site is gone: each is promised sooner where that is possible, to end
 * no later and at no lower cap.
 */
export function promiseSooner(deciding: Promising, site: SiteState): void {
  const { state } = deciding;
  const kept = site.pools
    .flatMap(({ reservations }) => reservations)
    .filter(({ startAtMs }) => startAtMs > state.nowMs)
    .toSorted((a, b) => b.priority - a.priority || a.startAtMs - b.startAtMs || a.job - b.job);
  for (const own of kept) {
    const job = known(state.jobs.get(own.job), "job of a promised start");
    const found = isEligible(job) ? soonerStart(state, job, own) : undefined;
    if (found !== undefined && !isBlockedThen(state, job, found)) {
      emitReservation(deciding, job, found);
    }
  }
}

/** A start that was found, where that is sooner than the one that is kept, and as good, and its account may have it. */
export function promiseSoonerAs(deciding: Promising, job: Job, plan: PlannedStart): void {
  const own = reservationOf(deciding.state, job);
  if ((own === undefined || isSooner(plan, own)) && !isBlockedThen(deciding.state, job, plan)) {
    emitReservation(deciding, job, plan);
  }
}

/** A start before the one that is kept, done no later and at no lower cap; undefined: there is none. */
export function soonerStart(
  state: EngineState,
  job: Job,
  own: Reservation,
): PlannedStart | undefined {
  const found = withLifted([own], () => bestStart(state, job, true));
  return found !== undefined && isSooner(found, own) ? found : undefined;
}

/** Before the one that is kept, done no later and at no lower cap. */
function isSooner(plan: PlannedStart, own: Reservation): boolean {
  return (
    plan.startAtMs < own.startAtMs &&
    isDoneInTime(plan, own) &&
    !isLowerCap(plan.capWatts, own.capWatts)
  );
}

/** Who had a promise may have one again, whatever is kept for higher classes since, and whoever is paused: else others took its room. */
function bestStart(
  state: EngineState,
  job: Job,
  hadOne: boolean,
  announced?: Curtailment,
): PlannedStart | undefined {
  let best: PlannedStart | undefined;
  const pools = hadOne ? poolsToPromise(state, job) : poolsWithoutPaused(state, job);
  for (const pool of pools) {
    const found =
      hadOne || mayReserve(pool, job.number, priorityOf(job))
        ? plansIn(state, pool, job, announced)
        : [];
    for (const one of found) {
      if (one !== undefined && (best === undefined || isBetter(one, best))) {
        best = one;
      }
    }
  }
  return best;
}

/**
 * Starts that may be promised in a pool. Nodes that sleep are asked for whom those that are on never hold, or only bent,
 * and for whose nodes sleep already for another curtailment than the announced one: he is moved to when these are back.
 */
function plansIn(
  state: EngineState,
  pool: Pool,
  job: Job,
  announced: Curtailment | undefined,
): readonly (PlannedStart | undefined)[] {
  const plan = planPromise(state, pool, job, announced);
  const isAsked = announced !== undefined || plan === undefined || isBent(plan, job);
  return isAsked ? [plan, promiseOnSleepers(state, pool, job, announced)] : [plan];
}

/** A start as good as the one that was lost, else that one if it still holds, else the best there is. */
function startAgain(
  { state, announced }: Promising,
  job: Job,
  lost: LostPromise,
): PlannedStart | undefined {
  const best = bestStart(state, job, true, announced);
  const isAsGood =
    best !== undefined && best.startAtMs <= lost.startAtMs && isDoneInTime(best, lost);
  if (isAsGood || lost.startAtMs <= state.nowMs) {
    return best;
  }
  const pool = poolsToPromise(state, job).find(
    ({ site, gpuModel }) => site.site.id === lost.site && gpuModel === lost.gpuModel,
  );
  const same = pool && sameStart(state, pool, job, lost);
  const isInTheWay =
    same !== undefined &&
    announced !== undefined &&
    outOfTheWayMs(state, job, same, announced) > same.startAtMs;
  return isInTheWay ? best : (same ?? best);
}

/** Of two sites: where it is at full power first, else where it is done first. */
function isBetter(one: PlannedStart, other: PlannedStart): boolean {
  return one.capWatts === 0 && other.capWatts === 0
    ? one.startAtMs < other.startAtMs
    : one.endsByMs < other.endsByMs;
}

function later(plan: PlannedStart, leastMs: number): PlannedStart {
  const delayMs = Math.max(0, leastMs - plan.startAtMs);
  return { ...plan, startAtMs: plan.startAtMs + delayMs, endsByMs: plan.endsByMs + delayMs };
}
