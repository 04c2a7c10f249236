import { wakeMarginMs, wakeMs } from "../../limits.ts";
import { nodeAsleep, nodeLost, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { loseNode } from "./lose-node.ts";

/*
 * A node that is woken takes work at once, and its cluster says when it is up. One that is not up in its time has failed: it is
 * lost, and its power-off is wanted, so that its idle watts come free. From time to time it is tried again: it gets its idle
 * watts and takes no work before it is up, so that nothing counts on it.
 */

/** From the grant of its watts on. As promised starts wait for the nodes that are woken for them. */
const upWithinMs = wakeMs + wakeMarginMs;

/** A node that did not wake is tried again so long after it went off. */
const triesAgainMs = 600_000;

/** Who was woken and is not up in its time. A cluster that does not answer cannot say so. */
export function loseUnwoken(deciding: Deciding, site: SiteState): void {
  const { nowMs } = deciding.state;
  for (const [node, askedAtMs] of site.awaySinceMs === undefined ? site.wakeAskedAtMs : []) {
    if (nowMs < askedAtMs + upWithinMs) {
      continue;
    }
    if (((site.nodeFlags[node] ?? 0) & nodeLost) === 0) {
      loseNode(deciding, site, node);
    } else {
      deciding.emit({ kind: "node-lost", site: site.site.id, node });
    }
  }
}

/** Who did not wake and is off long enough to be tried again. */
export function triedAgain(site: SiteState, nowMs: number): readonly number[] {
  return site.awaySinceMs === undefined
    ? [...site.unwoken].filter(
        (node) => isOffUnwoken(site, node) && nowMs >= offSinceMs(site, node) + triesAgainMs,
      )
    : [];
}

/** When the next node should be up, or is tried again. */
export function* unwokenMoments(site: SiteState, nowMs: number): Generator<number, void, void> {
  if (site.awaySinceMs !== undefined) {
    return;
  }
  for (const askedAtMs of site.wakeAskedAtMs.values()) {
    yield askedAtMs + upWithinMs;
  }
  for (const node of site.unwoken) {
    if (isOffUnwoken(site, node)) {
      const offMs = offSinceMs(site, node);
      yield offMs + Math.max(1, Math.floor((nowMs - offMs) / triesAgainMs) + 1) * triesAgainMs;
    }
  }
}

function isOffUnwoken({ nodeFlags }: SiteState, node: number): boolean {
  return ((nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === nodeOff;
}

/** In older logs nobody says when. */
function offSinceMs({ turnedAtMs }: SiteState, node: number): number {
  return turnedAtMs.get(node) ?? 0;
}
