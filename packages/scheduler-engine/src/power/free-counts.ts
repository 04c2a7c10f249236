import { known } from "../state/assert.ts";
import { freeCounts, type Pool, type SiteState } from "../state/site-state.ts";

/** Counts a node among those of its pool with as many GPUs free, in every domain above it. */
export function refreshCounts(state: SiteState, node: number): void {
  const free = state.returnNodes.has(node) ? -1 : freeGpusOf(state, node);
  const reservation = state.reservationOfNode[node];
  const isKept = reservation !== undefined && !reservation.isLifted ? 1 : 0;
  const countedFree = state.countedFree[node] ?? -1;
  const countedAsKept = state.countedAsKept[node] ?? 0;
  if (free === countedFree && isKept === countedAsKept) {
    return;
  }
  const pool = known(state.nodePool[node], "pool of a node");
  if (countedFree >= 0) {
    count(state, node, { pool, free: countedFree, isKept: countedAsKept }, -1);
  }
  if (free >= 0) {
    count(state, node, { pool, free, isKept }, 1);
  }
  state.countedFree[node] = free;
  state.countedAsKept[node] = isKept;
}

/** Of a node that takes gangs, whoever they are kept for; -1: it takes none. */
export function freeGpusOf({ nodeFlags, nodeGpuCount, gpusHeld }: SiteState, node: number): number {
  return (nodeFlags[node] ?? 0) === 0 ? (nodeGpuCount[node] ?? 0) - (gpusHeld[node] ?? 0) : -1;
}

interface CountedAs {
  readonly pool: Pool;
  readonly free: number;
  readonly isKept: number;
}

function count(state: SiteState, node: number, as: CountedAs, change: 1 | -1): void {
  for (
    let domain = state.nodeDomain[node] ?? -1;
    domain >= 0;
    domain = state.parent[domain] ?? -1
  ) {
    countIn(domain, as, change);
  }
  for (const region of state.fabric?.above[node] ?? []) {
    countIn(state.parent.length + region, as, change);
  }
}

function countIn(column: number, { pool, free, isKept }: CountedAs, change: 1 | -1): void {
  const at = column * freeCounts + free;
  pool.free[at] = (pool.free[at] ?? 0) + change;
  if (isKept === 1) {
    pool.kept[at] = (pool.kept[at] ?? 0) + change;
  }
}

/** A gang of so many GPUs a node, and may it use nodes that are kept for starts? */
export interface FreeWish {
  readonly pool: Pool;
  readonly gpusPerNode: number;
  readonly mayUseKept: boolean;
}

/** Nodes below a domain with enough free GPUs, whatever their power. */
export function availableNodes(
  { pool, gpusPerNode, mayUseKept }: FreeWish,
  domain: number,
): number {
  let nodeCount = 0;
  for (let free = gpusPerNode; free <= pool.gpuCountMax; free += 1) {
    const at = domain * freeCounts + free;
    nodeCount += pool.free[at] ?? 0;
    if (!mayUseKept) {
      nodeCount -= pool.kept[at] ?? 0;
    }
  }
  return nodeCount;
}
