import { availableNodes, mayHold, nodesHeldAtMost, type Wanted } from "./room.ts";

/**
 * Nodes below the regions of one level that are tried before the search goes up a level. Generous: a
 * region that is offered has free GPUs and, by the least that its nodes grow by, watts for the whole gang.
 */
const nodesTriedPerLevel = 4096;
/** So many are tried however large they are. */
const triesMin = 3;

interface Region {
  readonly domain: number;
  readonly nodeCount: number;
}

/** The domains of a level that may hold the gang, those with the fewest nodes to spare first. */
export function* regionsThatMayHold(wanted: Wanted, depth: number): Generator<number> {
  const found: Region[] = [];
  visitRegions(wanted, 0, depth, found);
  found.sort((a, b) => a.nodeCount - b.nodeCount || a.domain - b.domain);
  let nodesTried = 0;
  let tries = 0;
  for (const { domain, nodeCount } of found) {
    if (tries >= triesMin && nodesTried >= nodesTriedPerLevel) {
      return;
    }
    if (nodesHeldAtMost(wanted, domain, wanted.nodeCount) >= wanted.nodeCount) {
      tries += 1;
      nodesTried += nodeCount;
      yield domain;
    }
  }
}

/** Goes down only where the gang may still fit, so that a full hall is not looked into. */
function visitRegions(wanted: Wanted, domain: number, depth: number, found: Region[]): void {
  const { site } = wanted.pool;
  const nodeCount = availableNodes(wanted, domain);
  if (nodeCount < wanted.nodeCount || !mayHold(wanted, domain, wanted.nodeCount)) {
    return;
  }
  if (site.depth[domain] === depth) {
    found.push({ domain, nodeCount });
    return;
  }
  for (const child of site.children[domain] ?? []) {
    visitRegions(wanted, child, depth, found);
  }
}
