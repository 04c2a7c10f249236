import { toNumber } from "@ertis/quantities";
import type { Site, TransferSum } from "@ertis/site-model";
import type { Horizon, SiteState } from "./site-state.ts";

// A ledger has a column for each domain, and behind them one for each transfer sum of the site: what
// one supply of a domain with distributed redundancy carries after one failure. Such a column grows
// with the domains that hang on that supply then, and has a limit of its own.

/** Columns behind those of the domains, by the domain that counts in them; undefined: there are none. */
export function transfersByDomain(site: Site): readonly (readonly number[])[] | undefined {
  if (site.transferSums.length === 0) {
    return undefined;
  }
  const columns: number[][] = site.domains.map(() => []);
  site.transferSums.forEach(({ children }, at) => {
    for (const child of children) {
      columns[child]?.push(site.domains.length + at);
    }
  });
  return columns;
}

/** Limits of all columns, scaled as the domains they are of. */
export function usableColumns(site: Site): Float64Array {
  return Float64Array.from([
    ...site.domains.map(({ usableWatts, loadScale }) => toNumber(usableWatts) * loadScale),
    ...site.transferSums.map(
      ({ usableWatts, domainIndex }) =>
        toNumber(usableWatts) * (site.domains[domainIndex]?.loadScale ?? 1),
    ),
  ]);
}

/** What columns carry when every node is off. The fixed load of a domain counts at each of its supplies. */
export function fixedColumns(site: Site): Float64Array {
  const fixedOf = (index: number): number => {
    const domain = site.domains[index];
    return domain === undefined ? 0 : toNumber(domain.fixedWatts) * domain.loadScale;
  };
  return Float64Array.from([
    ...site.domains.map(({ index }) => fixedOf(index)),
    ...site.transferSums.map(({ domainIndex }) => fixedOf(domainIndex)),
  ]);
}

/** The domain whose limit a column is. */
export function domainOfColumn(site: Pick<SiteState, "site">, column: number): number {
  const { domains, transferSums } = site.site;
  return column < domains.length
    ? column
    : (transferSums[column - domains.length]?.domainIndex ?? 0);
}

/** The transfer sum that a column is; undefined: it is a domain. */
export function transferOfColumn(
  site: Pick<SiteState, "site">,
  column: number,
): TransferSum | undefined {
  return site.site.transferSums[column - site.site.domains.length];
}

/** Every column that watts of a node count in, from its own domain up, with what they are there. */
export function visitAbove(
  site: SiteState,
  node: number,
  watts: number,
  visit: (column: number, scaled: number) => void,
): void {
  let domain = site.nodeDomain[node] ?? -1;
  let scaled = watts * (site.nodeMultiplier[domain] ?? 0);
  while (domain >= 0) {
    visit(domain, scaled);
    scaled *= site.parentMultiplier[domain] ?? 0;
    for (const column of site.transfersOf?.[domain] ?? []) {
      visit(column, scaled);
    }
    domain = site.parent[domain] ?? -1;
  }
}

/**
 * Adds watts of a node to the transfer sums of a ledger. Apart from the loop over domains, which most sites need
 * alone and which runs for every node of every trial.
 */
export function addToSupplies(
  state: SiteState,
  transfersOf: NonNullable<SiteState["transfersOf"]>,
  load: Float64Array,
  { node, watts }: { readonly node: number; readonly watts: number },
): void {
  let domain = state.nodeDomain[node] ?? -1;
  let scaled = watts * (state.nodeMultiplier[domain] ?? 0);
  while (domain >= 0) {
    scaled *= state.parentMultiplier[domain] ?? 0;
    for (const column of transfersOf[domain] ?? []) {
      load[column] = (load[column] ?? 0) + scaled;
    }
    domain = state.parent[domain] ?? -1;
  }
}

/** The first domain above a node one of whose supplies would carry too much after a failure, or -1. */
export function bindingSupplyOf(
  state: SiteState,
  transfersOf: NonNullable<SiteState["transfersOf"]>,
  horizon: Pick<Horizon, "load" | "ceiling">,
  { node, watts }: { readonly node: number; readonly watts: number },
): number {
  let domain = state.nodeDomain[node] ?? -1;
  let scaled = watts * (state.nodeMultiplier[domain] ?? 0);
  while (domain >= 0) {
    scaled *= state.parentMultiplier[domain] ?? 0;
    const holder = state.parent[domain] ?? -1;
    for (const column of transfersOf[domain] ?? []) {
      if ((horizon.load[column] ?? 0) + scaled > (horizon.ceiling[column] ?? 0)) {
        return holder;
      }
    }
    domain = holder;
  }
  return -1;
}
