import { addNodeWatts } from "../../power/above-idle.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { createHorizon } from "../../power/create-horizon.ts";
import { ceilingsAt } from "../../power/horizons.ts";
import { capInForce, cutWatts } from "../../state/caps.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import { type Horizon, nodeAsleep, nodeLost, type SiteState } from "../../state/site-state.ts";

/**
 * The ledger of a moment to come at which nobody is lowered any more: who still runs then by its walltime does so at full
 * power, who was paused does so again, and nodes that sleep are on.
 */
export function allBackAt(
  site: SiteState,
  atMs: number,
  coming: readonly Pick<PausedTask, "nodes" | "gpusPerNode">[],
): Horizon {
  const then = createHorizon(site, atMs, ceilingsAt(site, atMs));
  site.nodeFlags.forEach((flags, node) => {
    const isOff = (flags & nodeAsleep) !== 0 && then.nodeWatts[node] === 0;
    const idleWatts = isOff ? (site.nodeBounds[node]?.[0] ?? 0) : 0;
    addNodeWatts(site, node, idleWatts + cutAt(site, node, atMs), then.load);
  });
  for (const { nodes, gpusPerNode } of coming) {
    for (const node of nodes) {
      const bounds = site.nodeBounds[node];
      addNodeWatts(site, node, (bounds?.[gpusPerNode] ?? 0) - (bounds?.[0] ?? 0), then.load);
    }
  }
  return then;
}

/** What caps of now would take off at that moment. */
function cutAt(site: SiteState, node: number, atMs: number): number {
  const isLost = ((site.nodeFlags[node] ?? 0) & nodeLost) !== 0;
  return (site.attemptsOnNode[node] ?? []).reduce(
    (sum, one) =>
      isLost || holdsUntilMs(one) > atMs
        ? sum + cutWatts(site, node, one.gpusPerNode, capInForce(one, node))
        : sum,
    0,
  );
}
