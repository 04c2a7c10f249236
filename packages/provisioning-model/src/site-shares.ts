import type { PowerDomain, Site } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import { nodeLoads } from "./hall-loads.ts";
import type { ClusterPlan, SitePlan } from "./plan.ts";
import { multiplierTo, pathUp, scaledUsable } from "./power-loads.ts";

/** A hall's part of what substations and feed leave for jobs. */
export interface SiteShare {
  readonly cluster: ClusterPlan;
  /** In watts at the feed, losses included. */
  readonly siteWatts: number;
  /** The domain above the hall that leaves it least. */
  readonly boundBy: PowerDomain;
}

/**
 * Splits what every domain above the halls leaves when all nodes idle over the built halls and those of
 * `alsoClusters`, in proportion to what their nodes can add. A hall gets the smallest of its parts, so
 * no domain is given out twice. Whole watts, rounded down.
 *
 * A network share that is declared above halls counts the nodes of all phases: too much, never too little.
 */
export function siteShares(
  plan: SitePlan,
  alsoClusters: readonly string[] = [],
): readonly SiteShare[] {
  const { site } = plan;
  const clusters = plan.clusters.filter(
    ({ isBuilt, name }) => isBuilt || alsoClusters.includes(name),
  );
  const halls = clusters.map(({ hall }) => hall);
  const spare = spareAbove(plan, halls);
  const ranges = halls.map((hall) => rangeOf(site, hall));
  const totals = new Map<number, bigint>();
  for (const [position, hall] of halls.entries()) {
    for (const { index } of pathUp(site, hall.parentIndex)) {
      const range = (ranges[position] ?? 0n) * multiplierTo(site, hall.index, index);
      totals.set(index, (totals.get(index) ?? 0n) + range);
    }
  }
  return clusters.flatMap((cluster, position) => {
    const parts = pathUp(site, cluster.hall.parentIndex).map((domain) => {
      const range = (ranges[position] ?? 0n) * multiplierTo(site, cluster.hall.index, domain.index);
      const total = totals.get(domain.index) ?? 0n;
      const free = spare.get(domain.index) ?? 0n;
      const scaled = free * range * multiplierTo(site, domain.index, 0);
      const scale = total * BigInt(site.domains[0]?.loadScale ?? 1);
      return { domain, watts: scale === 0n ? 0n : scaled / scale };
    });
    const [first] = parts.toSorted((a, b) => (a.watts < b.watts ? -1 : Number(a.watts > b.watts)));
    return first === undefined
      ? []
      : [{ cluster, siteWatts: Number(first.watts), boundBy: first.domain }];
  });
}

/** What all nodes of a hall can add to its load between idle and peak, in units of its `loadScale`. */
function rangeOf(site: Site, { index }: PowerDomain): bigint {
  const { idle, peak } = nodeLoads(site);
  return (peak[index] ?? 0n) - (idle[index] ?? 0n);
}

/** What is free in every domain above the halls, in units of its `loadScale`, never below 0. */
function spareAbove(plan: SitePlan, halls: readonly PowerDomain[]): ReadonlyMap<number, bigint> {
  const { site, builtDomains } = plan;
  const standing = new Set<number>(halls.flatMap(({ index }) => ancestors(site, index)));
  for (const domain of site.domains) {
    if (
      builtDomains.has(domain.index) &&
      (domain.kind === "feed" || domain.kind === "substation")
    ) {
      standing.add(domain.index);
    }
  }
  const { idle } = nodeLoads(site);
  const loads = new Map<number, bigint>(halls.map(({ index }) => [index, idle[index] ?? 0n]));
  for (const index of standing) {
    const domain = site.domains[index];
    if (domain !== undefined) {
      loads.set(index, BigInt(toNumber(domain.fixedWatts)) * BigInt(domain.loadScale));
    }
  }
  const spare = new Map<number, bigint>();
  // Children have higher indexes, so each domain is complete before it is added to its parent.
  for (const index of [...loads.keys()].toSorted((a, b) => b - a)) {
    const domain = site.domains[index];
    const load = loads.get(index) ?? 0n;
    const above = domain === undefined ? undefined : loads.get(domain.parentIndex);
    if (domain !== undefined && above !== undefined) {
      loads.set(domain.parentIndex, above + load * BigInt(domain.parentMultiplier));
    }
    if (domain !== undefined && standing.has(index)) {
      const free = scaledUsable(domain) - load;
      spare.set(index, free > 0n ? free : 0n);
    }
  }
  return spare;
}

function ancestors(site: Site, hallIndex: number): readonly number[] {
  return pathUp(site, hallIndex)
    .slice(1)
    .map(({ index }) => index);
}
