import { toNumber } from "@ertis/quantities";
import type { PowerDomain, Site } from "@ertis/site-model";

/** What one supply of a domain has to carry after one failure, read from who names whom in the site file. */
export interface SupplyLoad {
  readonly supply: string;
  readonly failed: string;
  /** Positions of the children that hang on it then. */
  readonly children: readonly number[];
  readonly usableWatts: number;
}

/** By position of the domain; only those with distributed redundancy. */
export function supplyLoads(site: Site): ReadonlyMap<number, readonly SupplyLoad[]> {
  const found = new Map<number, readonly SupplyLoad[]>();
  for (const domain of site.domains) {
    if (domain.redundancy === "distributed") {
      const children = site.domains.filter((child) => child.parentIndex === domain.index);
      found.set(domain.index, loadsOf(domain, children));
    }
  }
  return found;
}

function loadsOf(domain: PowerDomain, children: readonly PowerDomain[]): readonly SupplyLoad[] {
  const names = domain.supplyNames ?? [];
  const limits = domain.supplyWatts.map(toNumber);
  const surviving = limits.reduce((sum, one) => sum + one, 0) - Math.max(...limits);
  return names.flatMap((supply, at) =>
    names
      .filter((failed) => failed !== supply)
      .map((failed) => ({
        supply,
        failed,
        children: children
          .filter(
            ({ fedBy }) =>
              fedBy?.primary === supply || (fedBy?.primary === failed && fedBy.reserve === supply),
          )
          .map(({ index }) => index),
        usableWatts: deratedWatts(limits[at] ?? 0, toNumber(domain.usableWatts), surviving),
      }))
      .filter((one) => one.children.length > 0),
  );
}

/** Known is the derated figure of the whole domain, rounded down: this is at most a watt too lax. */
function deratedWatts(limitWatts: number, usableWatts: number, survivingWatts: number): number {
  return Math.min(
    limitWatts,
    Math.floor((limitWatts * Math.min(survivingWatts, usableWatts + 1)) / survivingWatts),
  );
}
