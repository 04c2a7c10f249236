import { bindingDomain, noMoreGpus } from "../power/ledger.ts";
import { nodeAsleep, nodeLost, nodeOff, type SiteState } from "../state/site-state.ts";
import type { Deciding } from "./deciding.ts";

/** A node that was off comes back only when its idle watts fit, now and in every known window. */
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
  return bindingDomain(site, site.horizons, node, noMoreGpus, Infinity) === -1;
}
