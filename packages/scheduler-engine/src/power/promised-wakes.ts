import { nodeAsleep, nodeOff, type SiteState } from "../state/site-state.ts";

/*
 * Nodes of a promised start may be off for a curtailment that is over by then. At `Reservation.wakeByMs` they are
 * woken whatever else goes on, and from it on their idle watts are promised as those of the start are.
 */

/** While nodes of a promised start are due and have no room, they are looked at again after so long. */
const againMs = 5_000;

/** Is a node off, or going off, and with no other reason not to take work? */
export function isSwitchedOff(flags: number): boolean {
  return flags !== 0 && (flags & ~(nodeAsleep | nodeOff)) === 0;
}

/** When nodes of promised starts are to be woken at the latest. */
export function wakeMoments({ pools }: SiteState): readonly number[] {
  return pools.flatMap(({ reservations }) =>
    reservations.filter(({ nodesOffCount }) => nodesOffCount > 0).map((one) => one.wakeByMs),
  );
}

/** The next look at them after a moment: then, and again as long as they are not on. */
export function nextWakeMs(site: SiteState, nowMs: number): number {
  let next = Infinity;
  for (const atMs of wakeMoments(site)) {
    const steps = Math.floor((nowMs - atMs) / againMs) + 1;
    next = Math.min(next, atMs + Math.max(0, steps) * againMs);
  }
  return next;
}
