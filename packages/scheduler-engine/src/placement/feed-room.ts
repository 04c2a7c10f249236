import { toNumber } from "@ertis/quantities";
import { byEnd } from "../power/attempt-ends.ts";
import { ceilingsAt } from "../power/horizons.ts";
import { changesOf } from "../power/recovery.ts";
import { budgetsOf } from "../power/site-budgets.ts";
import { known } from "../state/assert.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import type { GangSize } from "./earliest.ts";
import { smallestGrowthWatts } from "./room.ts";

/** Slots into which ends of attempts are rounded up to find when the feed has room. */
const feedSlots = 256;

/** Moments at which a budget or a curtailment lets go of watts, soonest first. */
export function ceilingChangesAfter(site: SiteState, afterMs: number): readonly number[] {
  return [...budgetEnds(site), ...site.curtailments.flatMap(changesOf)]
    .filter((atMs) => atMs > afterMs)
    .toSorted((a, b) => a - b);
}

function budgetEnds(site: SiteState): readonly number[] {
  return budgetsOf(site).map((one) => (one.until === undefined ? 0 : toNumber(one.until)));
}

/**
 * From about when the feed has room for the gang, judged by the watts that ending attempts give
 * back, and by budgets that end before them: a place to begin the search, since the feed is what
 * binds most often.
 */
export function feedRoomAt(pool: Pool, gang: GangSize, nowMs: number, lastMs: number): number {
  const { site } = pool;
  const now = known(site.horizons[0], "the horizon of now");
  const perWatt = site.scaledPerWattMin[0] ?? 0;
  const needed = smallestGrowthWatts({ pool, ...gang }) * gang.nodeCount * perWatt;
  const ceiling = now.ceiling[0] ?? 0;
  const missing = needed + (now.load[0] ?? 0) - ceiling;
  const byEndsMs = endsThatFree(site, missing, nowMs, lastMs);
  // What a curtailment gives back is first of all for those whom it has paused and shrunk.
  if (byEndsMs > nowMs && !site.isInCurtailment) {
    const ends = budgetEnds(site).filter((atMs) => atMs > nowMs && atMs < byEndsMs);
    for (const atMs of ends.toSorted((a, b) => a - b)) {
      const more = (ceilingsAt(site, atMs)[0] ?? 0) - ceiling;
      if (more > 0 && endsThatFree(site, missing - more, nowMs, lastMs) <= atMs) {
        return atMs;
      }
    }
  }
  return byEndsMs;
}

/** By when attempts that end have given back so many scaled watts at the feed. */
function endsThatFree(site: SiteState, watts: number, nowMs: number, lastMs: number): number {
  let missing = watts;
  if (missing <= 0) {
    return nowMs;
  }
  const perWatt = site.scaledPerWattMin[0] ?? 0;
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
