import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import type { ClassCaps } from "../state/caps.ts";
import { visitAbove } from "../state/columns.ts";

/** What one more watt on each GPU of a gang does to the domains above it, and to transfer sums. */
export interface GangLoad {
  readonly domains: Int32Array;
  /** Beside `domains`. */
  readonly scaledPerGpuWatt: Float64Array;
  /** What caps mean on its nodes; undefined: not the same on all. */
  readonly caps: ClassCaps | undefined;
}

interface Kept extends GangLoad {
  readonly site: SiteState;
  readonly gpusPerNode: number;
}

/** By the list of its nodes, which is replaced whenever they change. */
const kept = new WeakMap<readonly number[], Kept>();

/** The load of a gang, kept while its list of nodes stands: passes ask for thousands of them each time. */
export function gangLoad(site: SiteState, nodes: readonly number[], gpusPerNode: number): GangLoad {
  const found = kept.get(nodes);
  if (found?.site === site && found.gpusPerNode === gpusPerNode) {
    return found;
  }
  const perWatt = new Map<number, number>();
  for (const node of nodes) {
    visitAbove(site, node, gpusPerNode, (column, scaled) => {
      perWatt.set(column, (perWatt.get(column) ?? 0) + scaled);
    });
  }
  const caps = site.nodeCaps[nodes[0] ?? -1];
  const load: Kept = {
    site,
    gpusPerNode,
    domains: Int32Array.from(perWatt.keys()),
    scaledPerGpuWatt: Float64Array.from(perWatt.values()),
    caps: nodes.every((node) => site.nodeCaps[node] === caps) ? caps : undefined,
  };
  kept.set(nodes, load);
  return load;
}

/** What one more watt on each GPU of an attempt is at the feed, scaled. */
export function feedPerGpuWatt(
  site: SiteState,
  { heldNodes, gpusPerNode }: Pick<Attempt, "heldNodes" | "gpusPerNode">,
): number {
  const { domains, scaledPerGpuWatt } = gangLoad(site, heldNodes, gpusPerNode);
  return scaledPerGpuWatt[domains.indexOf(0)] ?? 0;
}
