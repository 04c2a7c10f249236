import type {
  FabricDomain,
  NodeClass,
  PowerDomain,
  Site,
  SiteBudget,
  SiteCurve,
  SiteNode,
} from "./site.ts";

/** What differs between two expansions of one site, by id. Empty lists when nothing does. */
export interface SiteDiff {
  readonly domainsAdded: readonly PowerDomain[];
  readonly domainsRemoved: readonly PowerDomain[];
  readonly domainsChanged: readonly DomainChange[];
  readonly nodesAdded: readonly SiteNode[];
  readonly nodesRemoved: readonly SiteNode[];
  readonly nodesChanged: readonly NodeChange[];
  readonly nodeClassesAdded: readonly NodeClass[];
  readonly nodeClassesRemoved: readonly NodeClass[];
  readonly nodeClassesChanged: readonly NodeClassChange[];
  /** A curve or budget that says something else now is removed and added. */
  readonly curvesAdded: readonly SiteCurve[];
  readonly curvesRemoved: readonly SiteCurve[];
  readonly budgetsAdded: readonly SiteBudget[];
  readonly budgetsRemoved: readonly SiteBudget[];
  /** A domain of the network with other nodes is removed and added. */
  readonly fabricAdded: readonly FabricDomain[];
  readonly fabricRemoved: readonly FabricDomain[];
}

export type DomainField =
  | "kind"
  | "limitWatts"
  | "usableWatts"
  | "redundancy"
  | "supplyWatts"
  | "fixedWatts"
  | "loadFactor"
  | "supplyNames"
  | "fedBy"
  | "ramp";

export interface DomainChange {
  readonly id: string;
  readonly before: PowerDomain;
  readonly after: PowerDomain;
  /** At least one. A changed `usableWatts` is what may strand what runs. */
  readonly fields: readonly DomainField[];
}

/** A node that is now of another class. Changed figures of its class are in the class's change. */
export interface NodeChange {
  readonly id: string;
  readonly before: SiteNode;
  readonly after: SiteNode;
  readonly classBefore: string;
  readonly classAfter: string;
}

export type NodeClassField =
  | "gpuModel"
  | "gpuCount"
  | "idleWatts"
  | "peakWatts"
  | "partUse"
  | "gpuCap";

export interface NodeClassChange {
  readonly name: string;
  readonly before: NodeClass;
  readonly after: NodeClass;
  readonly fields: readonly NodeClassField[];
}

const domainFields: readonly DomainField[] = [
  "kind",
  "limitWatts",
  "usableWatts",
  "redundancy",
  "supplyWatts",
  "fixedWatts",
  "loadFactor",
  "supplyNames",
  "fedBy",
  "ramp",
];

const nodeClassFields: readonly NodeClassField[] = [
  "gpuModel",
  "gpuCount",
  "idleWatts",
  "peakWatts",
  "partUse",
  "gpuCap",
];

/** Positions (`index`, `classIndex`) may differ without a change: ids and names decide. */
export function diffSites(before: Site, after: Site): SiteDiff {
  const domains = compare(before.domains, after.domains, ({ id }) => id);
  const nodes = compare(before.nodes, after.nodes, ({ id }) => id);
  const curves = compare(before.curves, after.curves, meaningOf);
  const budgets = compare(before.budgets, after.budgets, meaningOf);
  const fabric = compare(switchesOf(before), switchesOf(after), ({ key }) => key);
  const classes = compare(before.nodeClasses, after.nodeClasses, ({ name }) => name);
  return {
    domainsAdded: domains.added,
    domainsRemoved: domains.removed,
    domainsChanged: domains.kept.flatMap((pair) => {
      const fields = changedFields(pair, domainFields);
      return fields.length === 0 ? [] : [{ id: pair.after.id, ...pair, fields }];
    }),
    nodesAdded: nodes.added,
    nodesRemoved: nodes.removed,
    nodesChanged: nodes.kept.flatMap((pair) => {
      const classBefore = before.nodeClasses[pair.before.classIndex]?.name ?? "";
      const classAfter = after.nodeClasses[pair.after.classIndex]?.name ?? "";
      return classBefore === classAfter
        ? []
        : [{ id: pair.after.id, ...pair, classBefore, classAfter }];
    }),
    nodeClassesAdded: classes.added,
    nodeClassesRemoved: classes.removed,
    nodeClassesChanged: classes.kept.flatMap((pair) => {
      const fields = changedFields(pair, nodeClassFields);
      return fields.length === 0 ? [] : [{ name: pair.after.name, ...pair, fields }];
    }),
    curvesAdded: curves.added,
    curvesRemoved: curves.removed,
    budgetsAdded: budgets.added,
    budgetsRemoved: budgets.removed,
    fabricAdded: fabric.added.map(({ domain }) => domain),
    fabricRemoved: fabric.removed.map(({ domain }) => domain),
  };
}

/** Everything but where it is written and where its domain stands in a list. */
function meaningOf(item: SiteCurve | SiteBudget): string {
  return JSON.stringify({ ...item, writtenAt: undefined, domainIndex: undefined });
}

/** Domains of the network, each with everything that it is. */
function switchesOf(
  site: Site,
): readonly { readonly key: string; readonly domain: FabricDomain }[] {
  return site.fabric.flatMap((level) =>
    level.domains.map((domain) => {
      const ids = domain.nodes.map((node) => site.nodes[node]?.id);
      return { key: JSON.stringify([level.name, domain.name, ids]), domain };
    }),
  );
}

interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

interface Comparison<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  readonly kept: readonly Pair<T>[];
}

function compare<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
): Comparison<T> {
  const earlier = new Map(before.map((item) => [keyOf(item), item]));
  const added: T[] = [];
  const kept: Pair<T>[] = [];
  for (const item of after) {
    const key = keyOf(item);
    const match = earlier.get(key);
    if (match === undefined) {
      added.push(item);
    } else {
      kept.push({ before: match, after: item });
      earlier.delete(key);
    }
  }
  return { added, removed: [...earlier.values()], kept };
}

function changedFields<T, Field extends keyof T>(
  { before, after }: Pair<T>,
  fields: readonly Field[],
): readonly Field[] {
  return fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}
