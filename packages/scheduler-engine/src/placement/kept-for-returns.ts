import { toNumber } from "@ertis/quantities";
import { besideLow } from "../power/shedding/beside-low.ts";
import { besideReturns } from "../power/shedding/beside-returns.ts";
import { doneByMs } from "../power/shedding/done-by.ts";
import { isAwaited } from "../power/shedding/awaited.ts";
import { visitAbove } from "../state/columns.ts";
import { returnWatts } from "../power/shedding/return-watts.ts";
import { returnsAtMs } from "../power/shedding/returns-at.ts";
import { isBelow, isBelowAny } from "../power/shedding/effects.ts";
import { isFelt } from "../power/recovery.ts";
import { actsOnBounds } from "../power/stale-meters.ts";
import { known } from "../state/assert.ts";
import type { PausedTask } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Job, nextTask } from "../state/job.ts";
import { reservationIn } from "../state/reservations.ts";
import type { Horizon, Pool, SiteState } from "../state/site-state.ts";
import { taskIdOf } from "../state/task-id.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { Wanted } from "./room.ts";
import { wantedUntil } from "./wanted.ts";

/** A start of now that would end at some moment. */
export function wantedNow(state: EngineState, pool: Pool, job: Job, endsByMs: number): Wanted {
  const wanted = wantedUntil(pool, job, endsByMs);
  const ledger = ledgerBesidePaused(state, pool, job);
  return ledger === undefined ? wanted : { ...wanted, ledger };
}

/**
 * What a job that is started beside paused tasks has to fit: the watts of those that shrink just now are their own, and those that others lack to be at
 * their floors are theirs; below a domain whose curtailment
 * or lost supply has paused a task nobody else gets watts, and above it the watts with which that task comes back are kept: not from
 * a promised start that is due, beside which it was paused.
 * Undefined: no task waits, or it is one of them.
 */
function ledgerBesidePaused(
  state: EngineState,
  pool: Pool,
  job: Job,
): readonly Horizon[] | undefined {
  const { site } = pool;
  const isDue = (reservationIn(pool, job.number)?.startAtMs ?? Infinity) <= state.nowMs;
  const waiting = isDue ? [] : waitingIn(state, site, job);
  const beside = besideReturns(state, site);
  const horizons = isDue ? beside : besideLow(state, site, beside);
  if (waiting.length === 0) {
    return horizons === site.horizons ? undefined : horizons;
  }
  const now = known(horizons[0], "the horizon of now");
  const ceiling = now.ceiling.slice();
  for (const { paused, domains } of waiting) {
    if (!paused.isShrinking) {
      lowerByReturn(state, site, paused, ceiling);
    }
    for (const domain of domains) {
      ceiling[domain] = -Infinity;
    }
  }
  return [{ ...now, ceiling }, ...besideReturned(state, site, horizons.slice(1), waiting)];
}

/** At a moment to come those count who are back by then and not done yet: starts were promised beside them. */
function besideReturned(
  state: EngineState,
  site: SiteState,
  later: readonly Horizon[],
  waiting: readonly WaitingTask[],
): readonly Horizon[] {
  const spans = waiting
    .filter(({ paused }) => !paused.isShrinking)
    .map(({ paused }) => ({
      paused,
      fromMs: returnsAtMs(state, paused),
      // Who is late has all of it still before him.
      untilMs: doneByMs(state, { ...paused, untilMs: Math.max(state.nowMs, paused.untilMs) }),
    }));
  return later.map((then) => {
    const back = spans.filter(({ fromMs, untilMs }) => fromMs <= then.atMs && then.atMs < untilMs);
    if (back.length === 0) {
      return then;
    }
    const ceiling = then.ceiling.slice();
    for (const { paused } of back) {
      lowerByReturn(state, site, paused, ceiling);
    }
    return { ...then, ceiling };
  });
}

function lowerByReturn(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  ceiling: Float64Array,
): void {
  for (const node of paused.nodes) {
    visitAbove(site, node, returnWatts(state, site, paused, node), (column, scaled) => {
      ceiling[column] = (ceiling[column] ?? 0) - scaled;
    });
  }
}

export interface WaitingTask {
  readonly paused: PausedTask;
  /** The curtailments that it is below; none: it was paused for a supply that is lost. */
  readonly over: readonly Curtailment[];
  /** The columns of those, or where that supply is lost: nobody else gets watts there. */
  readonly domains: readonly number[];
}

/** The paused tasks of a site that go before a job. */
export function waitingIn(state: EngineState, site: SiteState, job: Job): readonly WaitingTask[] {
  const { nowMs, curtailments } = state;
  if (!site.isInCurtailment || curtailments.paused.size === 0) {
    return [];
  }
  const felt = site.curtailments.filter((one) => isFelt(one, nowMs));
  // Only then who pauses for a supply is let back as soon as there is room.
  const areBoundsHeld = felt.some((one) => actsOnBounds(site, one, nowMs));
  const waiting: WaitingTask[] = [];
  for (const paused of curtailments.paused.values()) {
    if (paused.job === job.number && paused.isReturning && !paused.isShrinking) {
      return [];
    }
    if (paused.site !== site.site.id || !isAwaited(state, paused)) {
      continue;
    }
    const over = felt.filter(({ domain }) => isBelow(site, paused.nodes, domain));
    const isForSupply = areBoundsHeld && over.length === 0 && paused.curtailment === undefined;
    const domains = isForSupply
      ? [...site.lostSupplies.keys()].filter((at) => isBelowAny(site, paused.nodes, new Set([at])))
      : over.map(({ domain }) => known(site.domainIndexById.get(domain), "curtailed domain"));
    if (domains.length > 0) {
      waiting.push({ paused, over, domains });
    }
  }
  return waiting;
}

/** Do paused tasks go before a job in a site? Then others make no room for it, and it is promised none. */
export function isBehindPaused(state: EngineState, site: SiteState, job: Job): boolean {
  return (
    state.curtailments.paused.size > 0 &&
    (waitingIn(state, site, job).length > 0 || isPausedAhead(state, site))
  );
}

/**
 * Has a task paused for a curtailment that is still to begin? A start that others are promised now would not be there
 * beside it when it comes back.
 */
function isPausedAhead(state: EngineState, site: SiteState): boolean {
  const { nowMs, curtailments } = state;
  return [...curtailments.paused.values()].some((paused) => {
    const record = curtailments.records.get(paused.curtailment ?? "");
    return (
      paused.site === site.site.id &&
      record !== undefined &&
      toNumber(record.curtailment.start) > nowMs &&
      isAwaited(state, paused)
    );
  });
}

/**
 * Is the next task of a job on its way back from a pause at a site where bounds are kept below a target? Then
 * it starts at the cap that is planned for it (`decide/shed/carry-out.ts`).
 */
export function comesBackByBounds(state: EngineState, site: SiteState, job: Job): boolean {
  return (
    site.isInCurtailment &&
    returningTask(state, job)?.site === site.site.id &&
    site.curtailments.some((one) => actsOnBounds(site, one, state.nowMs))
  );
}

/**
 * Is the next task of a job on its way back from a pause below a curtailment? There it comes back before others get
 * watts, on as many nodes as it had: a start that was promised beside that could be larger, and done sooner.
 */
export function isOnItsWayBack(state: EngineState, job: Job): boolean {
  const paused = returningTask(state, job);
  const site = paused && state.sites.get(paused.site);
  return (
    site?.curtailments.some(
      (one) => isFelt(one, state.nowMs) && isBelow(site, paused?.nodes ?? [], one.domain),
    ) === true
  );
}

function returningTask({ curtailments }: EngineState, job: Job): PausedTask | undefined {
  const task = job.returningTasks.length === 0 ? undefined : nextTask(job);
  const paused =
    task === undefined ? undefined : curtailments.paused.get(taskIdOf({ job: job.number, task }));
  return paused?.isReturning === true ? paused : undefined;
}
