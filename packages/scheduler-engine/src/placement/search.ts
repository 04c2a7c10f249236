import { growthWatts } from "../power/ledger.ts";
import { type Trial, withTrial } from "../power/what-if/trial.ts";
import type { FabricPart } from "../state/fabric-columns.ts";
import { freeCounts, type Pool, type SiteState } from "../state/site-state.ts";
import { fabricRegions, powerRegions } from "./regions.ts";
import { isTaking, mayFitSite, mayHold, type Wanted } from "./room.ts";
import { availableNodes } from "../power/free-counts.ts";

/**
 * Nodes for a whole gang, or undefined. Packed: the smallest domain of the network that holds the gang,
 * where none does or none is described the smallest power domain, and among those the fullest; inside it,
 * in order of the site file, the fullest node of a rack first.
 */
export function findNodes(wanted: Wanted): number[] | undefined {
  if (!mayFitSite(wanted)) {
    return undefined;
  }
  const found =
    wanted.nodeCount === 1
      ? fillFullest(wanted)
      : (findInFabric(wanted) ?? findBelowFeed(wanted) ?? fill(wanted, 0));
  return found ?? (wanted.pool.isMixed ? fillLeanBelow(wanted, 0) : undefined);
}

function findInFabric(wanted: Wanted): number[] | undefined {
  const { fabric } = wanted.pool.site;
  if (fabric === undefined) {
    return undefined;
  }
  for (let level = 0; level < fabric.levelCount; level += 1) {
    for (const region of fabricRegions(wanted, fabric, level)) {
      const parts = fabric.partsOf[region] ?? [];
      const nodes =
        fillParts(wanted, parts) ?? fillLean(wanted, () => parts.flatMap((part) => part.nodes));
      if (nodes !== undefined) {
        return nodes;
      }
    }
  }
  return undefined;
}

function findBelowFeed(wanted: Wanted): number[] | undefined {
  const { pool } = wanted;
  for (let depth = pool.site.domainsByDepth.length - 1; depth > 0; depth -= 1) {
    if ((pool.nodeCountMaxByDepth[depth] ?? 0) < wanted.nodeCount) {
      continue;
    }
    for (const region of powerRegions(wanted, depth)) {
      const nodes = fill(wanted, region) ?? fillLeanBelow(wanted, region);
      if (nodes !== undefined) {
        return nodes;
      }
    }
  }
  return undefined;
}

function trying<T>({ pool, ledger, holdsUntilMs }: Wanted, ask: (trial: Trial) => T): T {
  return withTrial(pool.site, ledger ?? pool.site.horizons, holdsUntilMs, ask);
}

/** Takes nodes below a domain, in order, each against the ledger with those before it added. */
function fill(wanted: Wanted, region: number): number[] | undefined {
  return trying(wanted, (trial) => {
    collect(wanted, region, trial);
    return wholeGang(wanted, trial);
  });
}

/** The same of nodes that hang on one switch. */
function fillParts(wanted: Wanted, parts: readonly FabricPart[]): number[] | undefined {
  return trying(wanted, (trial) => {
    for (const part of parts) {
      if (trial.nodes.length === wanted.nodeCount) {
        break;
      }
      if (availableNodes(wanted, part.powerDomain) > 0 && mayHold(wanted, part.powerDomain, 1)) {
        collectHere(wanted, part, trial);
      }
    }
    return wholeGang(wanted, trial);
  });
}

function wholeGang({ nodeCount }: Wanted, { nodes }: Trial): number[] | undefined {
  return nodes.length === nodeCount ? nodes.toSorted((a, b) => a - b) : undefined;
}

/** The fullest node of the whole site that holds a gang of one: whole nodes stay free for others. */
function fillFullest(wanted: Wanted): number[] | undefined {
  const { pool, gpusPerNode } = wanted;
  return trying(wanted, (trial) => {
    for (let free = gpusPerNode; free <= pool.gpuCountMax && trial.nodes.length === 0; free += 1) {
      collectFree(wanted, 0, free, trial);
    }
    return trial.nodes.length === 1 ? [...trial.nodes] : undefined;
  });
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
  const nodes = site.nodesOf[domain] ?? [];
  if (nodes.length > 0) {
    collectHere(wanted, { powerDomain: domain, nodes }, trial);
  }
  for (const child of site.children[domain] ?? []) {
    if (trial.nodes.length === wanted.nodeCount) {
      return;
    }
    collect(wanted, child, trial);
  }
}

function collectHere(wanted: Wanted, part: FabricPart, trial: Trial): void {
  const { pool, gpusPerNode } = wanted;
  for (let free = gpusPerNode; free <= pool.gpuCountMax; free += 1) {
    if ((pool.free[part.powerDomain * freeCounts + free] ?? 0) === 0) {
      continue;
    }
    for (const node of part.nodes) {
      if (trial.nodes.length === wanted.nodeCount) {
        return;
      }
      if (isTaking(wanted, node, free)) {
        trial.add(node, wanted);
      }
    }
  }
}

/**
 * Where nodes of a pool differ in watts, the order of the file may spend them on hungry ones. The leanest
 * first is what fits most: limits are nested, and each node taken leaves the most room for the next.
 */
function fillLean(wanted: Wanted, nodesOf: () => readonly number[]): number[] | undefined {
  const { pool, gpusPerNode } = wanted;
  const isPart = gpusPerNode < pool.gpuCountMax;
  if (!pool.isMixed && !(isPart && pool.countsPeakInPart)) {
    return undefined;
  }
  const { site } = pool;
  const now = (wanted.ledger ?? site.horizons)[0];
  const costs = nodesOf()
    .filter((node) => {
      const free = site.countedFree[node] ?? -1;
      return free >= gpusPerNode && isTaking(wanted, node, free);
    })
    .map((node) => ({ node, watts: now === undefined ? 0 : growthWatts(site, node, wanted, now) }))
    .toSorted((a, b) => a.watts - b.watts || a.node - b.node);
  return trying(wanted, (trial) => {
    for (const { node } of costs) {
      if (trial.nodes.length === wanted.nodeCount) {
        break;
      }
      trial.add(node, wanted);
    }
    return wholeGang(wanted, trial);
  });
}

function fillLeanBelow(wanted: Wanted, domain: number): number[] | undefined {
  return fillLean(wanted, () => nodesBelow(wanted.pool.site, domain));
}

function nodesBelow(site: SiteState, domain: number): readonly number[] {
  const below = (site.children[domain] ?? []).flatMap((child) => nodesBelow(site, child));
  return [...(site.nodesOf[domain] ?? []), ...below];
}

/** Nodes of a pool, those first that cost the fewest watts for so many GPUs of an idle node. */
export function leanFirst(pool: Pool, gpusPerNode: number): readonly number[] {
  const { site } = pool;
  const costOf = (node: number): number => {
    const bounds = site.nodeBounds[node];
    return (bounds?.[gpusPerNode] ?? Infinity) - (bounds?.[0] ?? 0);
  };
  return site.site.nodes
    .map((node) => node.index)
    .filter((node) => site.nodePool[node] === pool)
    .toSorted((a, b) => costOf(a) - costOf(b) || a - b);
}

/** Do exactly these nodes, as many as the gang has, hold it now? */
export function canHoldOn(wanted: Wanted, nodes: readonly number[]): boolean {
  const { site } = wanted.pool;
  if (nodes.length !== wanted.nodeCount) {
    return false;
  }
  return trying(wanted, (trial) =>
    nodes.every((node) => {
      const free = site.countedFree[node] ?? -1;
      return free >= wanted.gpusPerNode && isTaking(wanted, node, free) && trial.add(node, wanted);
    }),
  );
}
