import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import type { Horizon, Reservation, SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { createHorizon } from "./create-horizon.ts";
import { wakeMoments } from "./promised-wakes.ts";
import { budgetsOf, lookAhead, nextLookMs } from "./site-budgets.ts";
import { dropStartRooms, startCeilings } from "./start-rooms.ts";
import { ceilingWatts, changesOf, isFelt, isGivingBack, recoveredAtMs } from "./recovery.ts";
import { actsOnBounds, holdsByBounds, staleMoments } from "./stale-meters.ts";

export function isInForce(budget: PowerBudget, atMs: number): boolean {
  return (
    toNumber(budget.from) <= atMs && (budget.until === undefined || atMs < toNumber(budget.until))
  );
}

/**
 * The domains that are part of a curtailment at a moment to come; undefined: none. There what can be
 * lowered counts at its floor: that is its plan for the time. Below a planned one that is over by now nobody is lowered
 * any more, so that caps count as they are.
 */
export function curtailedAt(
  state: SiteState,
  atMs: number,
  nowMs: number,
  isMeant: (curtailment: Curtailment) => boolean = () => true,
): Uint8Array | undefined {
  let flags: Uint8Array | undefined;
  for (const curtailment of state.curtailments) {
    const top = state.domainIndexById.get(curtailment.domain);
    const isOn = isFelt(curtailment, atMs) && !isGivingBack(curtailment, nowMs);
    if (top === undefined || !isOn || !isMeant(curtailment)) {
      continue;
    }
    flags ??= new Uint8Array(state.parent.length);
    flags[top] = 1;
    // Children stand after their parents.
    for (let domain = top + 1; domain < flags.length; domain += 1) {
      if (flags[state.parent[domain] ?? -1] === 1) {
        flags[domain] = 1;
      }
    }
  }
  return flags;
}

/**
 * The same as it is known now. Where bounds are held already, nobody is lowered for a start that others are
 * stopped for: the watts that they leave are its own with caps as they are.
 */
function curtailedFromNow(state: SiteState, atMs: number, nowMs: number): Uint8Array | undefined {
  const isByStops = state.pools.some(({ reservations }) =>
    reservations.some((one) => one.isByStops && one.startAtMs === atMs),
  );
  return curtailedAt(state, atMs, nowMs, (one) => !isByStops || !actsOnBounds(state, one, nowMs));
}

/** What a domain may carry at a moment: the smallest of its usable limit, budgets and targets. */
export function ceilingsAt(state: SiteState, atMs: number): Float64Array {
  const ceiling = hardCeilingsAt(state, atMs);
  lowerToTargets(state, ceiling, atMs, ({ mode }) => mode === "planned");
  return ceiling;
}

/**
 * What bounds must not exceed at a moment. A planned curtailment is no part of it: its target is for
 * the mean draw of a minute, and bounds may exceed it while somebody measures (`stale-meters.ts`).
 */
export function hardCeilingsAt(state: SiteState, atMs: number): Float64Array {
  const ceiling = standingCeilingsAt(state, atMs);
  lowerToTargets(state, ceiling, atMs, ({ mode }) => mode === "emergency");
  return ceiling;
}

/** The same with the targets of planned ones that have begun: who starts now may have to pause for those to come. */
export function begunCeilingsAt(state: SiteState, atMs: number, nowMs: number): Float64Array {
  const ceiling = hardCeilingsAt(state, atMs);
  lowerToTargets(
    state,
    ceiling,
    atMs,
    ({ mode, start }) => mode === "planned" && toNumber(start) <= nowMs,
  );
  return ceiling;
}

/** Limits and budgets, without any curtailment: before one begins, everybody is lowered for it. */
export function standingCeilingsAt(state: SiteState, atMs: number): Float64Array {
  const ceiling = suppliedCeilings(state);
  for (const budget of budgetsOf(state)) {
    const domain = state.domainIndexById.get(budget.domain);
    if (domain !== undefined && isInForce(budget, atMs)) {
      const { loadScale } = known(state.site.domains[domain], "domain");
      const scaled = toNumber(budget.ceiling) * loadScale;
      ceiling[domain] = Math.min(ceiling[domain] ?? 0, scaled);
    }
  }
  return ceiling;
}

/** Physical limits and emergencies: before them the floors of jobs give way. */
export function forcedCeilingsAt(state: SiteState, atMs: number): Float64Array {
  const ceiling = suppliedCeilings(state);
  lowerToTargets(state, ceiling, atMs, ({ mode }) => mode === "emergency");
  return ceiling;
}

/** What domains carry now: the supplies that are lost are thought to stay so. */
export function suppliedCeilings(state: SiteState): Float64Array {
  const ceiling = Float64Array.from(state.usableScaled);
  for (const [domain, { remainingWatts }] of state.lostSupplies) {
    const { loadScale } = known(state.site.domains[domain], "domain");
    ceiling[domain] = Math.min(ceiling[domain] ?? 0, remainingWatts * loadScale);
  }
  return ceiling;
}

function lowerToTargets(
  state: SiteState,
  ceiling: Float64Array,
  atMs: number,
  isMeant: (curtailment: Curtailment, domain: number) => boolean,
): void {
  for (const curtailment of state.curtailments) {
    const domain = state.domainIndexById.get(curtailment.domain);
    if (domain !== undefined && isFelt(curtailment, atMs) && isMeant(curtailment, domain)) {
      const { loadScale, usableWatts } = known(state.site.domains[domain], "domain");
      const most = ceilingWatts(curtailment, toNumber(usableWatts), atMs);
      ceiling[domain] = Math.min(ceiling[domain] ?? 0, most * loadScale);
    }
  }
}

/**
 * The moments after `nowMs` at which ceilings may fall, a reservation starts, or its nodes come back for it,
 * in rising order.
 */
export function horizonTimes(
  state: SiteState,
  nowMs: number,
  isMeant: (reservation: Reservation) => boolean = () => true,
): number[] {
  const times = new Set<number>();
  for (const budget of budgetsOf(state)) {
    if (toNumber(budget.from) > nowMs) {
      times.add(toNumber(budget.from));
    }
  }
  for (const { start } of state.curtailments) {
    if (toNumber(start) > nowMs) {
      times.add(toNumber(start));
    }
  }
  for (const pool of state.pools) {
    for (const one of pool.reservations) {
      if (one.startAtMs > nowMs && isMeant(one)) {
        times.add(one.startAtMs);
      }
    }
  }
  for (const atMs of wakeMoments(state)) {
    if (atMs > nowMs) {
      times.add(atMs);
    }
  }
  return [...times].toSorted((a, b) => a - b);
}

/**
 * Brings the horizons up to date after budgets, reservations or the time changed. Ledgers that
 * still stand are kept; only ceilings are computed anew.
 */
export function refreshHorizons(state: SiteState, nowMs: number): void {
  const old = new Map(state.horizons.map((horizon) => [horizon.atMs, horizon]));
  const now = old.get(-Infinity);
  dropRecovered(state, nowMs);
  lookAhead(state, nowMs);
  if (state.isInCurtailment) {
    // Whom one has let go may rise.
    state.raisedInVainAt = -1;
  }
  state.isInCurtailment = state.curtailments.some((one) => isFelt(one, nowMs));
  state.hardCeiling = hardCeilingsAt(state, nowMs);
  lowerToTargets(state, state.hardCeiling, nowMs, (curtailment, domain) =>
    holdsByBounds(state, curtailment, domain, nowMs),
  );
  state.forcedCeiling = forcedCeilingsAt(state, nowMs);
  dropStartRooms(state, nowMs);
  state.shedInVainAt = -1;
  const fresh: Horizon[] = [
    now === undefined
      ? createHorizon(state, -Infinity, startCeilings(state, nowMs))
      : { ...now, ceiling: startCeilings(state, nowMs) },
  ];
  for (const atMs of horizonTimes(state, nowMs)) {
    const kept = old.get(atMs);
    const isCurtailed = curtailedFromNow(state, atMs, nowMs);
    fresh.push(
      kept === undefined || isCurtailed !== undefined || kept.isCurtailed !== undefined
        ? createHorizon(state, atMs, ceilingsAt(state, atMs), isCurtailed)
        : { ...kept, ceiling: ceilingsAt(state, atMs) },
    );
  }
  state.horizons.splice(0, state.horizons.length, ...fresh);
}

/** What has given all watts back is forgotten here; its record stays. */
function dropRecovered(state: SiteState, nowMs: number): void {
  const felt = state.curtailments.filter((one) => nowMs < recoveredAtMs(one));
  state.curtailments.splice(0, state.curtailments.length, ...felt);
}

/** The next moment after `nowMs` at which a ceiling changes, a reservation starts or wakes its nodes. */
export function nextCeilingChangeMs(state: SiteState, nowMs: number): number | undefined {
  let next: number | undefined;
  const consider = (atMs: number): void => {
    if (atMs > nowMs && (next === undefined || atMs < next)) {
      next = atMs;
    }
  };
  for (const budget of budgetsOf(state)) {
    consider(toNumber(budget.from));
    consider(budget.until === undefined ? 0 : toNumber(budget.until));
  }
  if (nextLookMs(state) < Infinity) {
    consider(nextLookMs(state));
  }
  for (const curtailment of state.curtailments) {
    changesOf(curtailment).forEach(consider);
  }
  staleMoments(state).forEach(consider);
  for (const pool of state.pools) {
    pool.reservations.forEach((one) => consider(one.startAtMs));
  }
  wakeMoments(state).forEach(consider);
  return next;
}
