import { sumUp } from "../../power/create-horizon.ts";
import {
  nodeCordoned,
  nodeDraining,
  nodeAsleep,
  nodeLost,
  nodeOff,
  type SiteState,
} from "../../state/site-state.ts";

/** What every domain of a site has below it, one entry a domain. */
export interface TreeSums {
  readonly nodeCount: Int32Array;
  readonly gpuCount: Int32Array;
  readonly nodeHeldCount: Int32Array;
  readonly gpuHeldCount: Int32Array;
  /** Cordoned nodes, draining ones included. */
  readonly nodeCordonedCount: Int32Array;
  readonly gpuCordonedCount: Int32Array;
  readonly nodeDrainingCount: Int32Array;
  readonly nodeLostCount: Int32Array;
  readonly nodeOffCount: Int32Array;
  /** GPUs on nodes that are lost or off. */
  readonly gpuLostCount: Int32Array;
  /** Switched off to save power, and the GPUs on them: meant so, and counted as neither lost nor off. */
  readonly nodeAsleepCount: Int32Array;
  readonly gpuAsleepCount: Int32Array;
  /** Scaled load if every attempt ended now: fixed loads and idle nodes. */
  readonly idleScaled: Float64Array;
}

/** One pass over the nodes and one over the domains. */
export function treeSums(site: SiteState): TreeSums {
  const count = site.parent.length;
  const sums: TreeSums = {
    nodeCount: new Int32Array(count),
    gpuCount: new Int32Array(count),
    nodeHeldCount: new Int32Array(count),
    gpuHeldCount: new Int32Array(count),
    nodeCordonedCount: new Int32Array(count),
    gpuCordonedCount: new Int32Array(count),
    nodeDrainingCount: new Int32Array(count),
    nodeLostCount: new Int32Array(count),
    nodeOffCount: new Int32Array(count),
    gpuLostCount: new Int32Array(count),
    nodeAsleepCount: new Int32Array(count),
    gpuAsleepCount: new Int32Array(count),
    idleScaled: site.fixedScaled.slice(0, count),
  };
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    countNode(site, node, sums);
  }
  for (const [name, column] of Object.entries(sums)) {
    if (name !== "idleScaled") {
      countUp(site, column);
    }
  }
  sumUp(site, sums.idleScaled);
  return sums;
}

function countNode(site: SiteState, node: number, sums: TreeSums): void {
  const domain = site.nodeDomain[node] ?? 0;
  const flags = site.nodeFlags[node] ?? 0;
  const gpuCount = site.nodeGpuCount[node] ?? 0;
  const gpusHeld = site.gpusHeld[node] ?? 0;
  addTo(sums.nodeCount, domain, 1);
  addTo(sums.gpuCount, domain, gpuCount);
  if (gpusHeld > 0) {
    addTo(sums.nodeHeldCount, domain, 1);
    addTo(sums.gpuHeldCount, domain, gpusHeld);
  }
  if ((flags & nodeOff) === 0) {
    const idleWatts = site.nodeBounds[node]?.[0] ?? 0;
    addTo(sums.idleScaled, domain, idleWatts * (site.nodeMultiplier[domain] ?? 0));
  }
  if (flags !== 0) {
    countFlags(flags, domain, gpuCount, sums);
  }
}

function countFlags(flags: number, domain: number, gpuCount: number, sums: TreeSums): void {
  if ((flags & (nodeCordoned | nodeDraining)) !== 0) {
    addTo(sums.nodeCordonedCount, domain, 1);
    addTo(sums.gpuCordonedCount, domain, gpuCount);
  }
  if ((flags & nodeDraining) !== 0) {
    addTo(sums.nodeDrainingCount, domain, 1);
  }
  if ((flags & (nodeAsleep | nodeOff | nodeLost)) === (nodeAsleep | nodeOff)) {
    addTo(sums.nodeAsleepCount, domain, 1);
    addTo(sums.gpuAsleepCount, domain, gpuCount);
    return;
  }
  // What is off draws nothing, whether it answered before or not: each node is counted once.
  if ((flags & nodeOff) !== 0) {
    addTo(sums.nodeOffCount, domain, 1);
  } else if ((flags & nodeLost) !== 0) {
    addTo(sums.nodeLostCount, domain, 1);
  }
  if ((flags & (nodeLost | nodeOff)) !== 0) {
    addTo(sums.gpuLostCount, domain, gpuCount);
  }
}

function addTo(column: Int32Array | Float64Array, domain: number, value: number): void {
  column[domain] = (column[domain] ?? 0) + value;
}

/** Children stand after their parents. */
function countUp(site: SiteState, column: Int32Array): void {
  for (let domain = column.length - 1; domain > 0; domain -= 1) {
    addTo(column, site.parent[domain] ?? 0, column[domain] ?? 0);
  }
}
