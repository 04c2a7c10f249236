import { toNumber } from "@ertis/quantities";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { feltDomains } from "../../power/felt-domains.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { bindingDomain, noMoreGpus } from "../../power/ledger.ts";
import type { EngineState } from "../../state/engine-state.ts";
import {
  type Horizon,
  nodeAsleep,
  nodeLost,
  nodeOff,
  type SiteState,
} from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { promiseSooner } from "./head.ts";

/**
 * A node that was off comes back only when its idle watts fit, now and in every known window; for a
 * planned curtailment to come that it is below it can be switched off again, unless a promised start needs
 * its watts there, or who goes off for it is decided already.
 */
export function letReturn(deciding: Deciding, site: SiteState, node: number): boolean {
  const flags = site.nodeFlags[node] ?? 0;
  if ((flags & (nodeLost | nodeOff)) === 0) {
    if (site.wakeAskedAtMs.has(node)) {
      deciding.emit({ kind: "node-returned", site: site.site.id, node });
    }
    return true;
  }
  // One that was switched off to save watts stays off until it is woken.
  const isAsleep = (flags & nodeAsleep) !== 0;
  if ((flags & nodeOff) !== 0 && (isAsleep || !idleRoom(deciding.state, site)(node))) {
    return false;
  }
  deciding.emit({ kind: "node-returned", site: site.site.id, node });
  if ((flags & nodeOff) !== 0) {
    returnedAgain(deciding, site, [node]);
  }
  return true;
}

/** Who was moved by what was cancelled since could not be promised these nodes, which were off. */
export function returnedAgain(deciding: Deciding, site: SiteState, nodes: readonly number[]): void {
  if (nodes.some((node) => site.reservationOfNode[node]?.nodesOffCount === 0)) {
    promiseSooner(deciding, site);
  }
}

/** Is there room for the idle watts of a node? `isGranted`: now no target of measured draw holds it up. */
export type IdleRoom = (node: number, isGranted?: boolean) => boolean;

/**
 * Is there room for the idle watts of a node at every known moment? Ask for one node after the other: what was let in before counts.
 * A node of a promised start that has to be awake by now, or that no curtailment lies above, counts as granted unless the caller
 * says otherwise: its watts are part of the promise, so no target of measured draw that is on holds it up.
 */
export function idleRoom(state: EngineState, site: SiteState): IdleRoom {
  const { nowMs } = state;
  const decidedMs = decidedStarts(state, site);
  // Whoever was let in fits them, so that they stay as they are.
  const ceilings = new Map<Horizon, Float64Array>();
  const ceilingOf = (horizon: Horizon): Float64Array => {
    const ceiling = ceilings.get(horizon) ?? ceilingBesidePromises(site, horizon);
    ceilings.set(horizon, ceiling);
    return ceiling;
  };
  return (node, isGranted = isPromisedNow(site, node, nowMs)) => {
    const domain = site.nodeDomain[node] ?? 0;
    const windows = site.horizons
      .filter(({ nodeWatts }) => (nodeWatts[node] ?? 0) === 0)
      .map((horizon) => {
        if (horizon.isCurtailed?.[domain] === 1 && (isGranted || !decidedMs.has(horizon.atMs))) {
          return { ...horizon, ceiling: ceilingOf(horizon) };
        }
        return isGranted && horizon.atMs === -Infinity
          ? { ...horizon, ceiling: site.hardCeiling }
          : horizon;
      });
    return bindingDomain(site, windows, node, noMoreGpus) === -1;
  };
}

/** When curtailments begin whose plan is made: it counts nodes that are off as drawing nothing, and is not made again. */
function decidedStarts({ curtailments }: EngineState, site: SiteState): ReadonlySet<number> {
  const decided = [...curtailments.records.values()].filter(
    ({ curtailment, isPlanned, isOver }) =>
      isPlanned && !isOver && curtailment.site === site.site.id,
  );
  return new Set(decided.map(({ curtailment }) => toNumber(curtailment.start)));
}

/** A target to come binds only where a promised start relies on it: bounds have to leave it its room. */
function ceilingBesidePromises(site: SiteState, horizon: Horizon): Float64Array {
  const { atMs, load, ceiling } = horizon;
  const hard = hardCeilingsAt(site, atMs);
  const isRelied = site.pools.some(({ reservations }) =>
    reservations.some(({ startAtMs, holdsUntilMs }) => startAtMs <= atMs && atMs < holdsUntilMs),
  );
  return isRelied
    ? hard.map((most, domain) => {
        const target = ceiling[domain] ?? most;
        return (load[domain] ?? 0) <= target ? target : most;
      })
    : hard;
}

function isPromisedNow(site: SiteState, node: number, nowMs: number): boolean {
  const kept = site.reservationOfNode[node];
  return (
    kept !== undefined &&
    (kept.wakeByMs <= nowMs || !isBelowAny(site, [node], feltDomains(site, nowMs)))
  );
}
