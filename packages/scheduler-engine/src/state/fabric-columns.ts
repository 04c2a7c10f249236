import type { Site } from "@ertis/site-model";

/**
 * The network of a site, one entry a switch or NVLink domain, smallest level first. In the counts of
 * free GPUs of a pool each has a column, behind those of the power domains.
 */
export interface FabricColumns {
  readonly levelCount: number;
  /** 0: the smallest. */
  readonly level: Uint8Array;
  /** Those that lie in no other. */
  readonly roots: readonly number[];
  readonly children: readonly (readonly number[])[];
  /** The lowest power domain that holds all of its nodes. */
  readonly powerDomain: Int32Array;
  /** Its nodes, by the power domain that they are directly in. */
  readonly partsOf: readonly (readonly FabricPart[])[];
  /** By node: the domains that it hangs on. */
  readonly above: readonly (readonly number[])[];
}

export interface FabricPart {
  readonly powerDomain: number;
  /** Ascending. */
  readonly nodes: readonly number[];
}

/** Undefined for a site that does not describe its network. */
export function fabricColumns(site: Site, parent: Int32Array): FabricColumns | undefined {
  const domains = site.fabric.flatMap((level, at) =>
    level.domains.map(({ nodes }) => ({ level: at, nodes })),
  );
  if (domains.length === 0) {
    return undefined;
  }
  const above: number[][] = site.nodes.map(() => []);
  domains.forEach(({ nodes }, index) => {
    nodes.forEach((node) => above[node]?.push(index));
  });
  const children: number[][] = domains.map(() => []);
  const roots: number[] = [];
  domains.forEach(({ nodes }, index) => {
    // All of its nodes hang on the same ones above it.
    const over = above[nodes[0] ?? -1] ?? [];
    (children[over[over.indexOf(index) + 1] ?? -1] ?? roots).push(index);
  });
  return {
    levelCount: site.fabric.length,
    level: Uint8Array.from(domains, ({ level }) => level),
    roots,
    children,
    powerDomain: Int32Array.from(domains, ({ nodes }) => commonDomain(site, parent, nodes)),
    partsOf: domains.map(({ nodes }) => partsOf(site, nodes)),
    above,
  };
}

/** Nodes are in order of the tree: what holds the first and the last holds all between. */
function commonDomain(site: Site, parent: Int32Array, nodes: readonly number[]): number {
  const aboveFirst = new Set<number>();
  for (let at = domainOf(site, nodes[0]); at >= 0; at = parent[at] ?? -1) {
    aboveFirst.add(at);
  }
  let at = domainOf(site, nodes.at(-1));
  while (!aboveFirst.has(at)) {
    at = parent[at] ?? 0;
  }
  return at;
}

function domainOf(site: Site, node: number | undefined): number {
  return site.nodes[node ?? -1]?.domainIndex ?? 0;
}

function partsOf(site: Site, nodes: readonly number[]): readonly FabricPart[] {
  const byDomain = Map.groupBy(nodes, (node) => domainOf(site, node));
  return [...byDomain].map(([powerDomain, own]) => ({ powerDomain, nodes: own }));
}
