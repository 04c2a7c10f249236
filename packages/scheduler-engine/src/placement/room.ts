import { availableNodes } from "../power/free-counts.ts";
import { hasRoom } from "../power/ledger.ts";
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

/** False when the whole site surely has too few free GPUs or watts: two look-ups at the feed. */
export function mayFitSite(wanted: Wanted): boolean {
  return availableNodes(wanted, 0) >= wanted.nodeCount && mayHold(wanted, 0, wanted.nodeCount);
}

/** False when the domain surely has no room for `nodeCount` more nodes of the gang. */
export function mayHold(wanted: Wanted, domain: number, nodeCount: number): boolean {
  const { pool } = wanted;
  const scaled = leastGrowthScaled(wanted, domain, nodeCount);
  // A curtailed horizon may count the gang at its floor, but then at least as idle.
  const curtailedScaled = wanted.floorCapWatts === 0 ? scaled : Math.min(0, scaled);
  const horizons = wanted.ledger ?? pool.site.horizons;
  return (
    hasRoom(horizons, domain, { scaled, curtailedScaled }, wanted.holdsUntilMs) &&
    (pool.site.transfersOf === undefined || maySuppliesHold(wanted, domain, curtailedScaled))
  );
}

/** So many nodes of the gang are no less to a domain. */
export function leastGrowthScaled(
  gang: Pick<Wanted, "pool" | "gpusPerNode" | "capWatts">,
  domain: number,
  nodeCount: number,
): number {
  const perWatt = (gang.pool.site.scaledPerWattMin[domain] ?? 0) * nodeCount;
  return smallestGrowthBelow(gang, domain) * perWatt;
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

/**
 * No more nodes of the gang than this have room below a domain, looked for up to `enough`: by the free
 * GPUs and the watts of every domain below it.
 */
export function nodesHeldAtMost(wanted: Wanted, domain: number, enough: number): number {
  const free = Math.min(availableNodes(wanted, domain), enough);
  const most = free === 0 ? 0 : Math.min(free, nodesByWatts(wanted, domain));
  const { site } = wanted.pool;
  if (most <= 0 || (site.nodesOf[domain]?.length ?? 0) > 0) {
    return Math.max(0, most);
  }
  let sum = 0;
  for (const child of site.children[domain] ?? []) {
    sum += nodesHeldAtMost(wanted, child, most - sum);
    if (sum >= most) {
      return most;
    }
  }
  return sum;
}

/** Nodes of the gang that the watts of one domain allow, each growing by the least it can. */
export function nodesByWatts(wanted: Wanted, domain: number): number {
  const { pool, holdsUntilMs } = wanted;
  const scaled = smallestGrowthBelow(wanted, domain) * (pool.site.scaledPerWattMin[domain] ?? 0);
  let most = Infinity;
  for (const horizon of wanted.ledger ?? pool.site.horizons) {
    if (horizon.atMs >= holdsUntilMs) {
      break;
    }
    // At its floor a gang may grow by less, see `mayHold`.
    const isLoose =
      scaled <= 0 || (wanted.floorCapWatts !== 0 && horizon.isCurtailed?.[domain] === 1);
    if (!isLoose) {
      const room = (horizon.ceiling[domain] ?? 0) - (horizon.load[domain] ?? 0);
      most = Math.min(most, Math.floor(room / scaled));
    }
  }
  return most;
}

/** The least watts that a node of the pool below a domain grows by when it takes its part of the gang. */
function smallestGrowthBelow(
  gang: Pick<Wanted, "pool" | "gpusPerNode" | "capWatts">,
  domain: number,
): number {
  const { pool, gpusPerNode } = gang;
  const uncapped = pool.growthWattsMinBelow?.[domain * freeCounts + gpusPerNode];
  return uncapped === undefined ? smallestGrowthWatts(gang) : cappedGrowth(gang, uncapped);
}

/** The least watts that a node of the pool grows by when it takes its part of the gang. */
export function smallestGrowthWatts(
  gang: Pick<Wanted, "pool" | "gpusPerNode" | "capWatts">,
): number {
  return cappedGrowth(gang, gang.pool.growthWattsMin[gang.gpusPerNode] ?? Infinity);
}

function cappedGrowth(
  { pool, gpusPerNode, capWatts }: Pick<Wanted, "pool" | "gpusPerNode" | "capWatts">,
  uncapped: number,
): number {
  return capWatts === 0 || pool.gpuCap === undefined
    ? uncapped
    : uncapped - gpusPerNode * Math.max(0, pool.gpuCap.highestWatts - capWatts);
}

/** Is a node one of the pool with exactly so many GPUs free, which the gang may have? */
export function isTaking(wanted: Wanted, node: number, free: number): boolean {
  const { site } = wanted.pool;
  return (
    site.nodePool[node] === wanted.pool &&
    site.countedFree[node] === free &&
    (wanted.mayUseKept || site.countedAsKept[node] === 0)
  );
}
