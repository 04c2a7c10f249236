import type { IdleNode } from "@ertis/power-planning";
import type { EngineState } from "../state/engine-state.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../state/site-state.ts";
import { visitAbove } from "./columns.ts";

/** Nodes that are on, held by nobody and kept for nobody, no paused task either. */
export function idleNodesOf(
  state: EngineState,
  site: SiteState,
  areNodesShed: Uint8Array,
): readonly IdleNode[] {
  if (!areNodesShed.includes(1)) {
    return [];
  }
  const found: IdleNode[] = [];
  const kept = new Set<number>();
  for (const paused of state.curtailments.paused.values()) {
    if (paused.site === site.site.id) {
      paused.nodes.forEach((node) => kept.add(node));
    }
  }
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    const isUnused = (site.gpusHeld[node] ?? 0) === 0 && site.reservationOfNode[node] === undefined;
    if (
      isUnused &&
      !kept.has(node) &&
      ((site.nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === 0
    ) {
      found.push(idleNode(site, node));
    }
  }
  return found;
}

function idleNode(site: SiteState, node: number): IdleNode {
  const domains: number[] = [];
  const watts: number[] = [];
  visitAbove(site, node, site.nodeBounds[node]?.[0] ?? 0, (column, scaled) => {
    domains.push(column);
    watts.push(scaled);
  });
  return { id: node, domains: Int32Array.from(domains), wattsScaled: Float64Array.from(watts) };
}
