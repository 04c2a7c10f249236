import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";
import { createHorizon } from "./ledger.ts";

export function isInForce(budget: PowerBudget, atMs: number): boolean {
  return (
    toNumber(budget.from) <= atMs && (budget.until === undefined || atMs < toNumber(budget.until))
  );
}

/** What every domain may carry at a moment: the smaller of its usable limit and its budgets. */
export function ceilingsAt(state: SiteState, atMs: number): Float64Array {
  const ceiling = Float64Array.from(state.usableScaled);
  for (const budget of state.budgets) {
    const domain = state.domainIndexById.get(budget.domain);
    if (domain !== undefined && isInForce(budget, atMs)) {
      const { loadScale } = known(state.site.domains[domain], "domain");
      const scaled = toNumber(budget.ceiling) * loadScale;
      ceiling[domain] = Math.min(ceiling[domain] ?? 0, scaled);
    }
  }
  return ceiling;
}

/** The moments after `nowMs` at which ceilings may fall or a reservation starts, in rising order. */
function horizonTimes(state: SiteState, nowMs: number): number[] {
  const times = new Set<number>();
  for (const budget of state.budgets) {
    if (toNumber(budget.from) > nowMs) {
      times.add(toNumber(budget.from));
    }
  }
  for (const pool of state.pools) {
    const startAtMs = pool.reservation?.startAtMs ?? 0;
    if (startAtMs > nowMs) {
      times.add(startAtMs);
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
  const fresh: Horizon[] = [
    now === undefined
      ? createHorizon(state, -Infinity, ceilingsAt(state, nowMs))
      : { ...now, ceiling: ceilingsAt(state, nowMs) },
  ];
  for (const atMs of horizonTimes(state, nowMs)) {
    const kept = old.get(atMs);
    fresh.push(
      kept === undefined
        ? createHorizon(state, atMs, ceilingsAt(state, atMs))
        : { ...kept, ceiling: ceilingsAt(state, atMs) },
    );
  }
  state.horizons.splice(0, state.horizons.length, ...fresh);
}

/** The next moment after `nowMs` at which a ceiling changes or a reservation starts. */
export function nextCeilingChangeMs(state: SiteState, nowMs: number): number | undefined {
  let next: number | undefined;
  const consider = (atMs: number): void => {
    if (atMs > nowMs && (next === undefined || atMs < next)) {
      next = atMs;
    }
  };
  for (const budget of state.budgets) {
    consider(toNumber(budget.from));
    consider(budget.until === undefined ? 0 : toNumber(budget.until));
  }
  for (const pool of state.pools) {
    consider(pool.reservation?.startAtMs ?? 0);
  }
  return next;
}
