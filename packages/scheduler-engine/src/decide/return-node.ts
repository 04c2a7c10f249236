import { hardCeilingsAt } from "../power/horizons.ts";
import { bindingDomain, noMoreGpus } from "../power/ledger.ts";
import { nodeAsleep, nodeLost, nodeOff, type SiteState } from "../state/site-state.ts";
import type { Deciding } from "./deciding.ts";

/**
 * A node that was off comes back only when its idle watts fit, now and in every known window; for a
 * planned curtailment to come that it is below it can be switched off again.
 */
export function letReturn(deciding: Deciding, site: SiteState, node: number): boolean {
  const flags = site.nodeFlags[node] ?? 0;
  if ((flags & (nodeLost | nodeOff)) === 0) {
    return true;
  }
  // One that was switched off to save watts stays off until it is woken.
  const isAsleep = (flags & nodeAsleep) !== 0;
  if ((flags & nodeOff) !== 0 && (isAsleep || !hasIdleRoom(site, node))) {
    return false;
  }
  deciding.emit({ kind: "node-returned", site: site.site.id, node });
  return true;
}

function hasIdleRoom(site: SiteState, node: number): boolean {
  const domain = site.nodeDomain[node] ?? 0;
  // What is promised from a moment on has its room there already; before, no target holds it up.
  const isPromised = site.reservationOfNode[node] !== undefined;
  const windows = site.horizons
    .filter(({ nodeWatts }) => (nodeWatts[node] ?? 0) === 0)
    .map((horizon) => {
      if (horizon.isCurtailed?.[domain] === 1) {
        return { ...horizon, ceiling: hardCeilingsAt(site, horizon.atMs) };
      }
      return isPromised && horizon.atMs === -Infinity
        ? { ...horizon, ceiling: site.hardCeiling }
        : horizon;
    });
  return bindingDomain(site, windows, node, noMoreGpus) === -1;
}
