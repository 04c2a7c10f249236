import type { NodeClass, PowerDomain, Site, SiteNode } from "@ertis/site-model";

/** A hall with what stands in it, in the order of the site file. */
export interface HallLayout {
  readonly hall: PowerDomain;
  readonly rows: readonly PowerDomain[];
  readonly nodes: readonly SiteNode[];
  /** Most nodes first, then by name. */
  readonly nodeClasses: readonly NodeClass[];
}

/** Index after the last domain below each domain; subtrees are contiguous. */
function subtreeEnds(site: Site): readonly number[] {
  const ends = site.domains.map(({ index }) => index + 1);
  for (const { index, parentIndex } of site.domains.toReversed()) {
    if (parentIndex >= 0) {
      ends[parentIndex] = Math.max(ends[parentIndex] ?? 0, ends[index] ?? 0);
    }
  }
  return ends;
}

export function hallLayouts(site: Site): readonly HallLayout[] {
  const ends = subtreeEnds(site);
  const firstNodes = firstNodeOfDomains(site);
  const nodesOf = (first: number, end: number): readonly SiteNode[] =>
    site.nodes.slice(firstNodes[first] ?? 0, firstNodes[end] ?? site.nodes.length);
  return site.domains
    .filter(({ kind }) => kind === "hall")
    .map((hall) => {
      const end = ends[hall.index] ?? hall.index + 1;
      const nodes = nodesOf(hall.index, end);
      return {
        hall,
        rows: site.domains.slice(hall.index, end).filter(({ kind }) => kind === "row"),
        nodes,
        nodeClasses: classesOf(site, nodes),
      };
    });
}

/** Position of the first node in or after each domain; nodes are in the order of their domains. */
function firstNodeOfDomains(site: Site): readonly number[] {
  const counts = Array.from({ length: site.domains.length + 1 }, () => 0);
  for (const { domainIndex } of site.nodes) {
    counts[domainIndex + 1] = (counts[domainIndex + 1] ?? 0) + 1;
  }
  let total = 0;
  return counts.map((count) => (total += count));
}

function classesOf(
  site: Site,
  nodes: readonly { readonly classIndex: number }[],
): readonly NodeClass[] {
  const counts = site.nodeClasses.map(() => 0);
  for (const { classIndex } of nodes) {
    counts[classIndex] = (counts[classIndex] ?? 0) + 1;
  }
  return site.nodeClasses
    .map((nodeClass, index) => ({ nodeClass, count: counts[index] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || (a.nodeClass.name < b.nodeClass.name ? -1 : 1))
    .map(({ nodeClass }) => nodeClass);
}
