import { toNumber } from "@ertis/quantities";
import type { PowerDomain } from "@ertis/site-model";
import type { SiteState } from "../../state/site-state.ts";

/** A supply of a domain with distributed redundancy, as the worst failure of another would leave it. */
export interface SupplyView {
  readonly name: string;
  /** Derated. */
  readonly usableWatts: number;
  /** What it would then carry, bounds in force and the fixed load of the domain; rounded up. */
  readonly boundWatts: number;
  /** The supply that failed; undefined: no failure moves anything to this one. */
  readonly failed: string | undefined;
}

/** In order of the site file, those only that something may hang on; empty without distributed redundancy. */
export function supplyViews(site: SiteState, domain: PowerDomain): readonly SupplyView[] {
  if (domain.redundancy !== "distributed") {
    return [];
  }
  const worst = new Map<string, SupplyView>();
  site.site.transferSums.forEach(({ domainIndex, supply, failed, usableWatts }, at) => {
    if (domainIndex !== domain.index) {
      return;
    }
    const load = site.horizons[0]?.load[site.site.domains.length + at] ?? 0;
    const boundWatts = Math.ceil(load / domain.loadScale);
    if (boundWatts > (worst.get(supply)?.boundWatts ?? -1)) {
      worst.set(supply, { name: supply, usableWatts: toNumber(usableWatts), boundWatts, failed });
    }
  });
  return [...worst.values()];
}
