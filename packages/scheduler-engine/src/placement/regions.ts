import { known } from "../state/assert.ts";
import type { FabricColumns } from "../state/fabric-columns.ts";
import { isTaking, mayHold, nodesByWatts, nodesHeldAtMost, type Wanted } from "./room.ts";
import { availableNodes } from "../power/free-counts.ts";

/**
 * Nodes below the regions of one level that are tried before the search goes up a level. Generous: a
 * region that is offered has free GPUs and, by the least that its nodes grow by, watts for the whole gang.
 */
const nodesTriedPerLevel = 4096;
/** So many are tried however large they are. */
const triesMin = 3;

/** What a gang is to stay inside: domains of the power tree, or of the network. */
interface RegionTree {
  readonly roots: readonly number[];
  readonly children: readonly (readonly number[])[];
  readonly level: ArrayLike<number>;
  /** Where the counts of its free GPUs are. */
  readonly columnOf: (region: number) => number;
  /** What all of its watts come through. */
  readonly powerDomainOf: (region: number) => number;
  /** No more nodes of the gang than this have room, looked for up to those it has. */
  readonly heldAtMost: (region: number) => number;
}

interface Region {
  readonly region: number;
  readonly nodeCount: number;
}

/** The domains of one depth that may hold the gang, those with the fewest nodes to spare first. */
export function powerRegions(wanted: Wanted, depth: number): Generator<number> {
  const { site } = wanted.pool;
  const tree: RegionTree = {
    roots: [0],
    children: site.children,
    level: site.depth,
    columnOf: (domain) => domain,
    powerDomainOf: (domain) => domain,
    heldAtMost: (domain) => nodesHeldAtMost(wanted, domain, wanted.nodeCount),
  };
  return regionsThatMayHold(wanted, tree, depth);
}

/** The same of the domains of one level of the network. */
export function fabricRegions(
  wanted: Wanted,
  fabric: FabricColumns,
  level: number,
): Generator<number> {
  const firstColumn = wanted.pool.site.parent.length;
  const tree: RegionTree = {
    roots: fabric.roots,
    children: fabric.children,
    level: fabric.level,
    columnOf: (region) => firstColumn + region,
    powerDomainOf: (region) => known(fabric.powerDomain[region], "power domain of a switch"),
    heldAtMost: (region) => nodesInParts(wanted, fabric, region),
  };
  return regionsThatMayHold(wanted, tree, level);
}

function* regionsThatMayHold(wanted: Wanted, tree: RegionTree, level: number): Generator<number> {
  const found: Region[] = [];
  for (const root of tree.roots) {
    visitRegions(wanted, tree, { region: root, level, found });
  }
  found.sort((a, b) => a.nodeCount - b.nodeCount || a.region - b.region);
  let nodesTried = 0;
  let tries = 0;
  for (const { region, nodeCount } of found) {
    if (tries >= triesMin && nodesTried >= nodesTriedPerLevel) {
      return;
    }
    if (tree.heldAtMost(region) >= wanted.nodeCount) {
      tries += 1;
      nodesTried += nodeCount;
      yield region;
    }
  }
}

interface Visit {
  readonly region: number;
  readonly level: number;
  readonly found: Region[];
}

/** Goes down only where the gang may still fit, so that a full hall is not looked into. */
function visitRegions(wanted: Wanted, tree: RegionTree, { region, level, found }: Visit): void {
  const nodeCount = availableNodes(wanted, tree.columnOf(region));
  if (
    nodeCount < wanted.nodeCount ||
    !mayHold(wanted, tree.powerDomainOf(region), wanted.nodeCount)
  ) {
    return;
  }
  if (tree.level[region] === level) {
    found.push({ region, nodeCount });
    return;
  }
  for (const child of tree.children[region] ?? []) {
    visitRegions(wanted, tree, { region: child, level, found });
  }
}

/** Nodes of a switch that have room by the watts of what they stand in, looked for up to the gang's. */
function nodesInParts(wanted: Wanted, { partsOf }: FabricColumns, region: number): number {
  const { nodeCount, gpusPerNode, pool } = wanted;
  let sum = 0;
  for (const { powerDomain, nodes } of partsOf[region] ?? []) {
    const most = Math.min(nodeCount - sum, nodesByWatts(wanted, powerDomain));
    let count = 0;
    for (let at = 0; at < nodes.length && count < most; at += 1) {
      const node = nodes[at] ?? -1;
      const free = pool.site.countedFree[node] ?? -1;
      count += free >= gpusPerNode && isTaking(wanted, node, free) ? 1 : 0;
    }
    sum += count;
    if (sum >= nodeCount) {
      break;
    }
  }
  return sum;
}
