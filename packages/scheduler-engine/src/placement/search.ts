import { Trial } from "../power/trial.ts";
import { freeCounts, type Pool, type SiteState } from "../state/site-state.ts";
import { regionsThatMayHold } from "./regions.ts";
import { availableNodes, mayFitSite, mayHold, type Wanted } from "./room.ts";

/**
 * Nodes for a whole gang, or undefined. Packed: the smallest domain that holds the gang, and among
 * those the fullest; inside it, in order of the site file, the fullest node of a rack first.
 */
export function findNodes(wanted: Wanted): number[] | undefined {
  if (!mayFitSite(wanted)) {
    return undefined;
  }
  return findPacked(wanted) ?? (wanted.pool.isMixed ? fillLeanFirst(wanted, 0) : undefined);
}

function findPacked(wanted: Wanted): number[] | undefined {
  const { pool } = wanted;
  const { site } = pool;
  if (wanted.nodeCount === 1) {
    return fillFullest(wanted);
  }
  for (let depth = site.domainsByDepth.length - 1; depth > 0; depth -= 1) {
    if ((pool.nodeCountMaxByDepth[depth] ?? 0) < wanted.nodeCount) {
      continue;
    }
    for (const region of regionsThatMayHold(wanted, depth)) {
      const nodes =
        fill(wanted, region) ?? (pool.isMixed ? fillLeanFirst(wanted, region) : undefined);
      if (nodes !== undefined) {
        return nodes;
      }
    }
  }
  return fill(wanted, 0);
}

function trialOf({ pool, ledger, holdsUntilMs }: Wanted): Trial {
  return new Trial(pool.site, ledger ?? pool.site.horizons, holdsUntilMs);
}

/** Takes nodes below a domain, in order, each against the ledger with those before it added. */
function fill(wanted: Wanted, region: number): number[] | undefined {
  const trial = trialOf(wanted);
  collect(wanted, region, trial);
  trial.undo();
  return trial.nodes.length === wanted.nodeCount
    ? trial.nodes.toSorted((a, b) => a - b)
    : undefined;
}

/** The fullest node of the whole site that holds a gang of one: whole nodes stay free for others. */
function fillFullest(wanted: Wanted): number[] | undefined {
  const { pool, gpusPerNode } = wanted;
  const trial = trialOf(wanted);
  for (let free = gpusPerNode; free <= pool.gpuCountMax && trial.nodes.length === 0; free += 1) {
    collectFree(wanted, 0, free, trial);
  }
  trial.undo();
  return trial.nodes.length === 1 ? [...trial.nodes] : undefined;
}

/** Takes the first node below a domain that has exactly so many GPUs free. */
function collectFree(wanted: Wanted, domain: number, free: number, trial: Trial): void {
  const { site, free: counts } = wanted.pool;
  if ((counts[domain * freeCounts + free] ?? 0) === 0 || !mayHold(wanted, domain, 1)) {
    return;
  }
  for (const node of site.nodesOf[domain] ?? []) {
    if (trial.nodes.length === 0 && isTaking(wanted, node, free)) {
      trial.add(node, wanted);
    }
  }
  for (const child of site.children[domain] ?? []) {
    if (trial.nodes.length > 0) {
      return;
    }
    collectFree(wanted, child, free, trial);
  }
}

function collect(wanted: Wanted, domain: number, trial: Trial): void {
  if (availableNodes(wanted, domain) === 0 || !mayHold(wanted, domain, 1)) {
    return;
  }
  const { site } = wanted.pool;
  if ((site.nodesOf[domain]?.length ?? 0) > 0) {
    collectHere(wanted, domain, trial);
  }
  for (const child of site.children[domain] ?? []) {
    if (trial.nodes.length === wanted.nodeCount) {
      return;
    }
    collect(wanted, child, trial);
  }
}

function collectHere(wanted: Wanted, domain: number, trial: Trial): void {
  const { pool, gpusPerNode } = wanted;
  const { site } = pool;
  for (let free = gpusPerNode; free <= pool.gpuCountMax; free += 1) {
    if ((pool.free[domain * freeCounts + free] ?? 0) === 0) {
      continue;
    }
    for (const node of site.nodesOf[domain] ?? []) {
      if (trial.nodes.length === wanted.nodeCount) {
        return;
      }
      if (isTaking(wanted, node, free)) {
        trial.add(node, wanted);
      }
    }
  }
}

function isTaking(wanted: Wanted, node: number, free: number): boolean {
  const { site } = wanted.pool;
  return (
    site.nodePool[node] === wanted.pool &&
    site.countedFree[node] === free &&
    (wanted.mayUseKept || site.countedAsKept[node] === 0)
  );
}

/**
 * Where classes of one GPU model differ in watts, the order of the file may spend them on hungry
 * nodes. The leanest first is what fits most: limits are nested, and each node taken leaves the most
 * room for the next.
 */
function fillLeanFirst(wanted: Wanted, region: number): number[] | undefined {
  const trial = trialOf(wanted);
  for (const node of leanFirst(wanted.pool, wanted.gpusPerNode, region)) {
    if (trial.nodes.length === wanted.nodeCount) {
      break;
    }
    const free = wanted.pool.site.countedFree[node] ?? -1;
    if (free >= wanted.gpusPerNode && isTaking(wanted, node, free)) {
      trial.add(node, wanted);
    }
  }
  trial.undo();
  return trial.nodes.length === wanted.nodeCount
    ? trial.nodes.toSorted((a, b) => a - b)
    : undefined;
}

/** Nodes of a pool below a domain, those first that cost the fewest watts for so many GPUs of an idle node. */
export function leanFirst(pool: Pool, gpusPerNode: number, region: number = 0): readonly number[] {
  const { site } = pool;
  const costOf = (node: number): number => {
    const bounds = site.nodeBounds[node];
    return (bounds?.[gpusPerNode] ?? Infinity) - (bounds?.[0] ?? 0);
  };
  return nodesBelow(site, region)
    .filter((node) => site.nodePool[node] === pool)
    .toSorted((a, b) => costOf(a) - costOf(b) || a - b);
}

function nodesBelow(site: SiteState, domain: number): readonly number[] {
  const below = (site.children[domain] ?? []).flatMap((child) => nodesBelow(site, child));
  return [...(site.nodesOf[domain] ?? []), ...below];
}

/** Do exactly these nodes, as many as the gang has, hold it now? */
export function canHoldOn(wanted: Wanted, nodes: readonly number[]): boolean {
  const { site } = wanted.pool;
  if (nodes.length !== wanted.nodeCount) {
    return false;
  }
  const trial = trialOf(wanted);
  const areHeld = nodes.every((node) => {
    const free = site.countedFree[node] ?? -1;
    return free >= wanted.gpusPerNode && isTaking(wanted, node, free) && trial.add(node, wanted);
  });
  trial.undo();
  return areHeld;
}
