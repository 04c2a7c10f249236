import type { PowerDomain, Site } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";

/** Watts that hosts draw directly in a domain. */
export interface Draw {
  readonly domainIndex: number;
  readonly drawWatts: number;
}

/**
 * Loads of all domains in units of each one's `loadScale`: whole numbers, summed from the leaves up.
 * Only domains of `standing` count; the fixed load of others is not there yet.
 */
export function scaledLoads(
  site: Site,
  draws: readonly Draw[],
  standing: (domain: PowerDomain) => boolean,
): readonly bigint[] {
  const loads = site.domains.map((domain) =>
    standing(domain) ? BigInt(toNumber(domain.fixedWatts)) * BigInt(domain.loadScale) : 0n,
  );
  for (const { domainIndex, drawWatts } of draws) {
    const multiplier = site.domains[domainIndex]?.nodeMultiplier ?? 0;
    loads[domainIndex] = (loads[domainIndex] ?? 0n) + BigInt(drawWatts) * BigInt(multiplier);
  }
  for (const { index, parentIndex, parentMultiplier } of site.domains.toReversed()) {
    if (parentIndex >= 0) {
      const inner = (loads[index] ?? 0n) * BigInt(parentMultiplier);
      loads[parentIndex] = (loads[parentIndex] ?? 0n) + inner;
    }
  }
  return loads;
}

/** The most a domain may carry, in units of its `loadScale`. */
export function scaledUsable({ usableWatts, loadScale }: PowerDomain): bigint {
  return BigInt(toNumber(usableWatts)) * BigInt(loadScale);
}

/** The domain and all above it, up to the feed. */
export function pathUp(site: Site, index: number): readonly PowerDomain[] {
  const path: PowerDomain[] = [];
  let domain = site.domains[index];
  while (domain !== undefined) {
    path.push(domain);
    domain = site.domains[domain.parentIndex];
  }
  return path;
}

/** What one unit of a domain's scaled load adds to that of a domain above it, or to its own. */
export function multiplierTo(site: Site, fromIndex: number, toIndex: number): bigint {
  let product = 1n;
  for (const { index, parentMultiplier } of pathUp(site, fromIndex)) {
    if (index === toIndex) {
      break;
    }
    product *= BigInt(parentMultiplier);
  }
  return product;
}

export function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
