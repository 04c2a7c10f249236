import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { createHorizon } from "./ledger.ts";

export function isInForce(budget: PowerBudget, atMs: number): boolean {
  return (
    toNumber(budget.from) <= atMs && (budget.until === undefined || atMs < toNumber(budget.until))
  );
}

function isCurtailing(curtailment: Curtailment, atMs: number): boolean {
  return toNumber(curtailment.start) <= atMs && atMs < toNumber(curtailment.end);
}

/**
 * The domains that are part of a curtailment at a moment to come; undefined: none. There what can be
 * lowered counts at its floor: that is its plan for the time.
 */
export function curtailedAt(state: SiteState, atMs: number): Uint8Array | undefined {
  let flags: Uint8Array | undefined;
  for (const curtailment of state.curtailments) {
    const top = state.domainIndexById.get(curtailment.domain);
    if (top === undefined || !isCurtailing(curtailment, atMs)) {
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

/** What a domain may carry at a moment: the smallest of its usable limit, budgets and targets. */
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
  for (const curtailment of state.curtailments) {
    const domain = state.domainIndexById.get(curtailment.domain);
    if (domain !== undefined && isCurtailing(curtailment, atMs)) {
      const { loadScale } = known(state.site.domains[domain], "domain");
      const scaled = toNumber(curtailment.target) * loadScale;
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
  for (const { start } of state.curtailments) {
    if (toNumber(start) > nowMs) {
      times.add(toNumber(start));
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
  state.isInCurtailment = state.curtailments.some((one) => isCurtailing(one, nowMs));
  const fresh: Horizon[] = [
    now === undefined
      ? createHorizon(state, -Infinity, ceilingsAt(state, nowMs))
      : { ...now, ceiling: ceilingsAt(state, nowMs) },
  ];
  for (const atMs of horizonTimes(state, nowMs)) {
    const kept = old.get(atMs);
    const isCurtailed = curtailedAt(state, atMs);
    fresh.push(
      kept === undefined || isCurtailed !== undefined || kept.isCurtailed !== undefined
        ? createHorizon(state, atMs, ceilingsAt(state, atMs), isCurtailed)
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
  for (const { start, end } of state.curtailments) {
    consider(toNumber(start));
    consider(toNumber(end));
  }
  for (const pool of state.pools) {
    consider(pool.reservation?.startAtMs ?? 0);
  }
  return next;
}
