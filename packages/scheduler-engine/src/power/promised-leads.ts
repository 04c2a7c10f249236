import type { Reservation, SiteState } from "../state/site-state.ts";
import { isFelt } from "./recovery.ts";

/** Caps fall and are acknowledged, and others follow where a node does not answer, before a promised start comes. */
const leadMs = 10_000;

/**
 * When others are to be lowered for promised starts while something is curtailed: a ledger counts those below it at their
 * floors from the moment of a start on, and beside a limit, a budget or an emergency no measurement asks that of them.
 */
export function leadMoments(site: SiteState, nowMs: number): readonly number[] {
  return site.curtailments.some((one) => isFelt(one, nowMs))
    ? site.pools.flatMap(({ reservations }) =>
        reservations.map(({ startAtMs }) => startAtMs - leadMs),
      )
    : [];
}

/** The starts for which that moment has come. */
export function startsInLead(site: SiteState, nowMs: number): readonly Reservation[] {
  return leadMoments(site, nowMs).some((atMs) => atMs <= nowMs)
    ? site.pools.flatMap(({ reservations }) =>
        reservations.filter(({ startAtMs }) => startAtMs - leadMs <= nowMs),
      )
    : [];
}
