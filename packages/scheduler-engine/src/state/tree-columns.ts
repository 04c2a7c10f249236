import type { Site } from "@ertis/site-model";
import { fixedColumns, transfersByDomain, usableColumns } from "./columns.ts";
import { fabricColumns } from "./fabric-columns.ts";
import type { SiteState } from "./site-state.ts";

type TreeColumns = Pick<
  SiteState,
  | "parent"
  | "depth"
  | "nodeMultiplier"
  | "parentMultiplier"
  | "usableScaled"
  | "fixedScaled"
  | "transfersOf"
  | "scaledPerWattMin"
  | "children"
  | "domainsByDepth"
  | "nodesOf"
  | "fabric"
  | "domainIndexById"
>;

/** The power tree of a site, one entry a domain. */
export function treeColumns(site: Site): TreeColumns {
  const { domains } = site;
  const count = domains.length;
  const children: number[][] = domains.map(() => []);
  const nodesOf: number[][] = domains.map(() => []);
  const domainsByDepth: number[][] = [];
  const depth = new Uint8Array(count);
  for (const domain of domains) {
    if (domain.parentIndex >= 0) {
      children[domain.parentIndex]?.push(domain.index);
      depth[domain.index] = (depth[domain.parentIndex] ?? 0) + 1;
    }
    const level = depth[domain.index] ?? 0;
    (domainsByDepth[level] ??= []).push(domain.index);
  }
  for (const node of site.nodes) {
    nodesOf[node.domainIndex]?.push(node.index);
  }
  const scaledPerWattMin = new Float64Array(count).fill(Infinity);
  for (const domain of domains.toReversed()) {
    const at = domain.index;
    if ((nodesOf[at]?.length ?? 0) > 0) {
      scaledPerWattMin[at] = Math.min(scaledPerWattMin[at] ?? Infinity, domain.nodeMultiplier);
    }
    if (domain.parentIndex >= 0) {
      const up = (scaledPerWattMin[at] ?? Infinity) * domain.parentMultiplier;
      scaledPerWattMin[domain.parentIndex] = Math.min(
        scaledPerWattMin[domain.parentIndex] ?? Infinity,
        up,
      );
    }
  }
  const parent = Int32Array.from(domains, (domain) => domain.parentIndex);
  return {
    parent,
    depth,
    nodeMultiplier: Float64Array.from(domains, (domain) => domain.nodeMultiplier),
    parentMultiplier: Float64Array.from(domains, (domain) => domain.parentMultiplier),
    usableScaled: usableColumns(site),
    fixedScaled: fixedColumns(site),
    transfersOf: transfersByDomain(site),
    scaledPerWattMin,
    children,
    domainsByDepth,
    nodesOf,
    fabric: fabricColumns(site, parent),
    domainIndexById: new Map(domains.map((domain) => [domain.id, domain.index])),
  };
}
