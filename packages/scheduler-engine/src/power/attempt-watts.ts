import { known } from "../state/assert.ts";
import type { CurtailmentRecord, PausedTask } from "../state/curtailments.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { capInForce, isAboveCap } from "../state/caps.ts";

type Held = Pick<Attempt, "heldNodes" | "gpusPerNode">;

export function highestWatts(site: SiteState, { placement }: Attempt): number {
  return site.nodePool[placement.nodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0;
}

/** The highest cap that any of its nodes holds it at. */
export function capInForceOf(attempt: Attempt, highest: number): number {
  let inForce = attempt.capWatts;
  for (const node of attempt.heldNodes) {
    const cap = capInForce(attempt, node);
    inForce = isAboveCap(cap, inForce) ? cap : inForce;
  }
  return inForce === 0 ? highest : inForce;
}

/** What the nodes of an attempt draw beside its GPUs, as the bounds count it. */
export function besideGpusWatts(site: SiteState, attempt: Attempt): number {
  const gpuCount = attempt.heldNodes.length * attempt.gpusPerNode;
  return Math.max(0, boundWatts(site, attempt) - gpuCount * highestWatts(site, attempt));
}

/** What a paused task draws beside its GPUs once it is back, on top of its nodes that stand idle for it. */
export function besideWhenBack(
  site: SiteState,
  { nodes, gpusPerNode }: Pick<PausedTask, "nodes" | "gpusPerNode">,
): number {
  const highest = site.nodePool[nodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0;
  const held = { heldNodes: nodes, gpusPerNode };
  const gpuCount = nodes.length * gpusPerNode;
  return Math.max(0, boundWatts(site, held) - idleWatts(site, held) - gpuCount * highest);
}

/** The part of its nodes that an attempt may draw, uncapped, and that they draw idle. */
export function boundWatts(site: SiteState, { heldNodes, gpusPerNode }: Held): number {
  let sum = 0;
  for (const node of heldNodes) {
    const gpuCount = site.nodeGpuCount[node] ?? 1;
    sum += ((site.nodeBounds[node]?.[gpuCount] ?? 0) / gpuCount) * gpusPerNode;
  }
  return sum;
}

export function idleWatts(site: SiteState, { heldNodes, gpusPerNode }: Held): number {
  let sum = 0;
  for (const node of heldNodes) {
    sum += ((site.nodeBounds[node]?.[0] ?? 0) / (site.nodeGpuCount[node] ?? 1)) * gpusPerNode;
  }
  return sum;
}

/** Growth of the curtailed domain for one watt more of a gang, some of whose nodes may be elsewhere. */
export function wattsPerWatt(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  nodes: readonly number[],
): number {
  const top = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  let sum = 0;
  for (const node of nodes) {
    sum += nodeWattsPerWatt(site, node, top);
  }
  return sum / nodes.length;
}

/** 0 for a node elsewhere. */
export function nodeWattsPerWatt(site: SiteState, node: number, top: number): number {
  let domain = site.nodeDomain[node] ?? -1;
  let scaled = site.nodeMultiplier[domain] ?? 1;
  while (domain >= 0 && domain !== top) {
    scaled *= site.parentMultiplier[domain] ?? 1;
    domain = site.parent[domain] ?? -1;
  }
  return domain === top ? scaled / (site.site.domains[top]?.loadScale ?? 1) : 0;
}
