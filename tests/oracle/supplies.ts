import { toNumber } from "@ertis/quantities";
import type { PowerDomain } from "@ertis/site-model";
import type { SiteBook } from "./site-book.ts";

/** A supply of a domain with distributed redundancy that would carry too much after one failure. */
export interface OverloadedSupply {
  readonly supply: string;
  readonly failed: string;
  readonly carriesWatts: bigint;
  readonly usableWatts: bigint;
}

/**
 * Plays every single failure through, and none: each child hangs on its primary supply, or on its
 * reserve when that has failed; the fixed load of the domain is put on every supply that carries
 * something. Uses who hangs where and the nameplates, none of the sums that the site model prepared.
 */
export function overloadedSupplies(book: SiteBook, index: number): readonly OverloadedSupply[] {
  const { tree, site, ledger } = book;
  const domain = site.domains[index];
  if (domain?.supplyNames === undefined) {
    return [];
  }
  const children = site.domains.filter(({ parentIndex }) => parentIndex === index);
  const found: OverloadedSupply[] = [];
  for (const failed of ["none", ...domain.supplyNames]) {
    const carried = new Map<string, bigint>();
    for (const { index: child, fedBy } of children) {
      const supply = fedBy?.primary === failed ? fedBy.reserve : (fedBy?.primary ?? "");
      const units = ledger.load(child) * (tree.perUnitUp[child] ?? 0n);
      carried.set(supply, (carried.get(supply) ?? tree.fixed[index] ?? 0n) + units);
    }
    const scale = tree.scale[index] ?? 1n;
    for (const [supply, units] of carried) {
      const usableWatts = usableOf(book, domain, supply);
      if (units > usableWatts * scale) {
        found.push({ supply, failed, carriesWatts: (units + scale - 1n) / scale, usableWatts });
      }
    }
  }
  return found;
}

/** Derated as the whole domain is; exact where the derating is known. */
function usableOf(book: SiteBook, domain: PowerDomain, name: string): bigint {
  const supplies = domain.supplyWatts.map((supply) => BigInt(toNumber(supply)));
  const own = supplies[domain.supplyNames?.indexOf(name) ?? -1] ?? 0n;
  const derating = book.tree.derating[domain.index];
  if (derating !== undefined) {
    return (own * derating.numerator) / derating.denominator;
  }
  const all = supplies.reduce((a, b) => a + b, 0n);
  const surviving = all - supplies.reduce((a, b) => (a > b ? a : b), 0n);
  const units = book.tree.usable[domain.index] ?? 0n;
  const scale = book.tree.scale[domain.index] ?? 1n;
  // The derated figure of the domain was rounded down: this is at most a watt too lax.
  return (own * (units + scale)) / (surviving * scale);
}
