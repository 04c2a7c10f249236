import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";

/** A ceiling that leaves the watts which cooling takes more. */
export interface CoolingCeiling {
  readonly domain: number;
  readonly watts: number;
}

/**
 * Loads are counted with the load factor of the site file. Where cooling takes more than that, what a domain
 * draws is larger than it counts for, by at most this: its usable watts without its fixed load, times
 * 1 − old/new. So much less may be counted there and in every domain above it.
 */
export function coolingCeilings(
  { domains }: Site,
  index: number,
  factor: number,
): readonly CoolingCeiling[] {
  const own = domains[index];
  if (own === undefined) {
    return [];
  }
  const before = own.loadFactor.numerator / own.loadFactor.denominator;
  let extra = (toNumber(own.usableWatts) - toNumber(own.fixedWatts)) * (1 - before / factor);
  const ceilings: CoolingCeiling[] = [];
  for (let at = index; at >= 0; at = domains[at]?.parentIndex ?? -1) {
    const domain = domains[at];
    if (at !== index) {
      extra *= (domain?.loadFactor.numerator ?? 1) / (domain?.loadFactor.denominator ?? 1);
    }
    const usable = toNumber(domain?.usableWatts ?? own.usableWatts);
    ceilings.push({ domain: at, watts: Math.max(0, Math.floor(usable - extra)) });
  }
  return ceilings;
}
