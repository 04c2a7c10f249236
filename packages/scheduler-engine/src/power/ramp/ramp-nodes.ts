import { isRoomFor, stepWattsMax } from "@ertis/power-planning";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { addStep, type RampRooms } from "./ramp-room.ts";

/** A node that goes on or off, and what it adds; below 0: takes away. */
export interface NodeStep {
  readonly node: number;
  readonly watts: number;
}

/** Those that may all step now, in their order; who finds no room lets those of other domains pass. */
export function nodesWithin(
  site: SiteState,
  ramps: SiteRamps,
  rooms: RampRooms,
  wanted: readonly NodeStep[],
): readonly number[] {
  const steps = new Map<number, number>();
  const allowed: number[] = [];
  /** By domain of nodes, the least that found no room: most nodes are like their neighbours. */
  const refused = new Map<number, number>();
  for (const { node, watts } of wanted) {
    const at = site.nodeDomain[node] ?? -1;
    if (Math.abs(watts) >= (refused.get(at) ?? Infinity)) {
      continue;
    }
    const own = new Map<number, number>();
    addStep(site, ramps, own, { node, watts });
    const fits = [...own].every(([domain, scaled]) => {
      const room = rooms.get(domain);
      return room === undefined || isRoomFor(room, (steps.get(domain) ?? 0) + scaled);
    });
    if (fits || (steps.size === 0 && isLeastBad(ramps, rooms, own))) {
      own.forEach((scaled, domain) => steps.set(domain, (steps.get(domain) ?? 0) + scaled));
      allowed.push(node);
    } else {
      refused.set(at, Math.abs(watts));
    }
  }
  return allowed;
}

/** What is more than a ramp ever allows at once steps alone, when the domain is quiet. */
export function isLeastBad(
  { budget }: SiteRamps,
  rooms: RampRooms,
  steps: ReadonlyMap<number, number>,
): boolean {
  return [...steps].every(([domain, watts]) => {
    const limit = budget.ledgers[domain]?.limit;
    const room = rooms.get(domain);
    if (limit === undefined || room === undefined) {
      return true;
    }
    const most = Math.sign(watts) * Math.min(Math.abs(watts), stepWattsMax(limit));
    return isRoomFor(room, most * (1 - 1e-9));
  });
}
