import { toNumber } from "@ertis/quantities";
import { refreshHorizons } from "../power/horizons.ts";
import { leadMoments } from "../power/promised-leads.ts";
import { wakeMoments } from "../power/promised-wakes.ts";
import { changesOf } from "../power/recovery.ts";
import { budgetsOf, nextLookMs } from "../power/site-budgets.ts";
import { staleMoments } from "../power/stale-meters.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { findOverdue } from "./overdue.ts";
import { dropBrokenReservations } from "./power.ts";

/**
 * Lets time pass to a command's moment: horizons that have come are now, budgets begin and end, who should be gone is overdue.
 * Nothing else follows from time alone; whatever does is an event of a tick.
 */
export function advanceTime(state: EngineState, atMs: number): void {
  if (atMs <= state.nowMs) {
    return;
  }
  const before = state.nowMs;
  state.nowMs = atMs;
  findOverdue(state);
  if (state.preemptsAgainAtMs <= atMs) {
    state.preemptsAgainAtMs = Infinity;
    state.lookedAgainCount += 1;
    state.releaseCount += 1;
  }
  if (state.preemptsGoOnAtMs <= atMs) {
    // Nothing is released: whoever was told no by the passes before is not asked again.
    state.preemptsGoOnAtMs = Infinity;
    state.passedAtRelease = -1;
  }
  for (const [id, ramps] of state.ramps) {
    if (ramps.waitUntilMs > before && ramps.waitUntilMs <= atMs) {
      state.releaseCount += 1;
    }
    if (ramps.nodesAtMs <= atMs) {
      ramps.nodesAtMs = Infinity;
    }
    if (ramps.capsAtMs <= atMs) {
      ramps.capsAtMs = Infinity;
      state.areRaisesLeft = true;
      const site = known(state.sites.get(id), "site of ramps");
      site.raisedInVainAt = -1;
      site.shedInVainAt = -1;
    }
  }
  for (const site of state.sites.values()) {
    const isLeadPassed = leadMoments(site, atMs).some((one) => one > before && one <= atMs);
    if (isLeadPassed || (site.recheckAtMs !== undefined && site.recheckAtMs <= atMs)) {
      site.shedInVainAt = -1;
    }
    if (changesBetween(site, before, atMs)) {
      const knownUntilMs = site.fileBudgetsUntilMs;
      refreshHorizons(site, atMs);
      if (site.fileBudgetsUntilMs !== knownUntilMs) {
        // A window that came in sight may leave no room for what is kept.
        dropBrokenReservations(state, site, knownUntilMs);
      }
      state.releaseCount += 1;
    }
  }
}

function changesBetween(site: SiteState, beforeMs: number, atMs: number): boolean {
  const isPassed = (moment: number): boolean => moment > beforeMs && moment <= atMs;
  if (nextLookMs(site) <= atMs) {
    return true;
  }
  for (const budget of budgetsOf(site)) {
    const from = toNumber(budget.from);
    const until = budget.until === undefined ? 0 : toNumber(budget.until);
    if (isPassed(from) || isPassed(until)) {
      return true;
    }
  }
  if (
    site.curtailments.some((one) => changesOf(one).some(isPassed)) ||
    staleMoments(site).some(isPassed) ||
    wakeMoments(site).some(isPassed)
  ) {
    return true;
  }
  return site.pools.some((pool) => pool.reservations.some((one) => isPassed(one.startAtMs)));
}
