import { hasRoom } from "../power/ledger.ts";
import { Trial } from "../power/trial.ts";
import { freeCounts, type Horizon, type Pool } from "../state/site-state.ts";

/** A gang looked for in one pool. */
export interface Wanted {
  readonly pool: Pool;
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  /** Of every GPU; 0: not capped. */
  readonly capWatts: number;
  /** What it can be lowered to in an announced curtailment; 0: it cannot. */
  readonly floorCapWatts: number;
  /** When it would have let go of everything: the ledger is checked up to here. */
  readonly holdsUntilMs: number;
  /** What it has to fit instead of the horizons of the site. */
  readonly ledger?: readonly Horizon[];
  /** May it use nodes that are kept for the pool's reservation? */
  readonly mayUseKept: boolean;
}

/** How many candidate regions of one level are tried before the search goes up a level. */
const triesPerLevel = 3;

/**
 * Nodes for a whole gang, or undefined. Packed: the smallest domain that holds the gang, and among
 * those the fullest; inside it, in order of the site file, the fullest node of a rack first.
 */
export function findNodes(wanted: Wanted): number[] | undefined {
  const { pool } = wanted;
  if (!mayFitSite(wanted)) {
    return undefined;
  }
  return findPacked(wanted) ?? (pool.isMixed ? fillLeanFirst(wanted) : undefined);
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
    for (const region of fullestRegions(wanted, depth)) {
      const nodes = fill(wanted, region);
      if (nodes !== undefined) {
        return nodes;
      }
    }
  }
  return fill(wanted, 0);
}

/** False when the whole site surely has too few free GPUs or watts: two look-ups at the feed. */
export function mayFitSite(wanted: Wanted): boolean {
  return availableNodes(wanted, 0) >= wanted.nodeCount && mayHold(wanted, 0, wanted.nodeCount);
}

/** Nodes below a domain with enough free GPUs, whatever their power. */
export function availableNodes(wanted: Wanted, domain: number): number {
  const { pool, gpusPerNode, mayUseKept } = wanted;
  let count = 0;
  for (let free = gpusPerNode; free <= pool.gpuCountMax; free += 1) {
    const at = domain * freeCounts + free;
    count += pool.free[at] ?? 0;
    if (!mayUseKept) {
      count -= pool.kept[at] ?? 0;
    }
  }
  return count;
}

interface Region {
  readonly domain: number;
  readonly nodeCount: number;
}

/** The domains of a level that may hold the gang, those with the fewest nodes to spare first. */
function fullestRegions(wanted: Wanted, depth: number): number[] {
  const best: Region[] = [];
  visitRegions(wanted, 0, depth, best);
  return best.map((region) => region.domain);
}

/** Goes down only where the gang may still fit, so that a full hall is not looked into. */
function visitRegions(wanted: Wanted, domain: number, depth: number, best: Region[]): void {
  const { site } = wanted.pool;
  const nodeCount = availableNodes(wanted, domain);
  if (nodeCount < wanted.nodeCount || !mayHold(wanted, domain, wanted.nodeCount)) {
    return;
  }
  if (site.depth[domain] !== depth) {
    for (const child of site.children[domain] ?? []) {
      visitRegions(wanted, child, depth, best);
    }
    return;
  }
  let at = best.length;
  while (at > 0 && (best[at - 1]?.nodeCount ?? 0) > nodeCount) {
    at -= 1;
  }
  if (at < triesPerLevel) {
    best.splice(at, 0, { domain, nodeCount });
    best.length = Math.min(best.length, triesPerLevel);
  }
}

/** False when the domain surely has no room for `nodeCount` more nodes of the gang. */
function mayHold(wanted: Wanted, domain: number, nodeCount: number): boolean {
  const { pool } = wanted;
  const perWatt = (pool.site.scaledPerWattMin[domain] ?? 0) * nodeCount;
  const scaled = smallestGrowthWatts(wanted) * perWatt;
  // A curtailed horizon may count the gang at its floor, but then at least as idle.
  const curtailedScaled = wanted.floorCapWatts === 0 ? scaled : Math.min(0, scaled);
  const horizons = wanted.ledger ?? pool.site.horizons;
  return (
    hasRoom(horizons, domain, { scaled, curtailedScaled }, wanted.holdsUntilMs) &&
    (pool.site.transfersOf === undefined || maySuppliesHold(wanted, domain, curtailedScaled))
  );
}

/** The same of every supply that the domain may hang on; at least as many watts at every horizon. */
function maySuppliesHold(wanted: Wanted, domain: number, leastScaled: number): boolean {
  const { site } = wanted.pool;
  const scaled = leastScaled * (site.parentMultiplier[domain] ?? 0);
  const more = { scaled, curtailedScaled: scaled };
  const horizons = wanted.ledger ?? site.horizons;
  return (site.transfersOf?.[domain] ?? []).every((column) =>
    hasRoom(horizons, column, more, wanted.holdsUntilMs),
  );
}

/** The least watts that a node of the pool grows by when it takes its part of the gang. */
export function smallestGrowthWatts(
  gang: Pick<Wanted, "pool" | "gpusPerNode" | "capWatts">,
): number {
  const { pool, gpusPerNode, capWatts } = gang;
  const uncapped = pool.growthWattsMin[gpusPerNode] ?? Infinity;
  return capWatts === 0 || pool.gpuCap === undefined
    ? uncapped
    : uncapped - gpusPerNode * Math.max(0, pool.gpuCap.highestWatts - capWatts);
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
function fillLeanFirst(wanted: Wanted): number[] | undefined {
  const { site } = wanted.pool;
  const trial = trialOf(wanted);
  for (const node of leanFirst(wanted.pool, wanted.gpusPerNode)) {
    if (trial.nodes.length === wanted.nodeCount) {
      break;
    }
    const free = site.countedFree[node] ?? -1;
    if (free >= wanted.gpusPerNode && isTaking(wanted, node, free)) {
      trial.add(node, wanted);
    }
  }
  trial.undo();
  return trial.nodes.length === wanted.nodeCount
    ? trial.nodes.toSorted((a, b) => a - b)
    : undefined;
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
  const trial = trialOf(wanted);
  const areHeld = nodes.every((node) => {
    const free = site.countedFree[node] ?? -1;
    return free >= wanted.gpusPerNode && isTaking(wanted, node, free) && trial.add(node, wanted);
  });
  trial.undo();
  return areHeld;
}
