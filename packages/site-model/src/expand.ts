import type { Plan, PlannedChildren } from "./plan.ts";
import { nodeMultiplier, parentMultiplier } from "./scale.ts";
import { numbered } from "./counts.ts";
import type { SourceLine } from "./reader/index.ts";
import type { PowerDomain, SiteNode, TransferSum } from "./site.ts";
import { transfersOf } from "./transfers.ts";

export interface Expansion {
  readonly domains: readonly PowerDomain[];
  readonly transferSums: readonly TransferSum[];
  readonly nodes: readonly SiteNode[];
}

/** What all domains of one group under one parent have in common. */
type Stamp = Omit<PowerDomain, "index" | "id" | "parentIndex">;

export interface ExpansionNames {
  readonly siteId: string;
  /** For sources. */
  readonly file: string;
  /** In the order of building. */
  readonly phases: readonly string[];
}

/** Stamps out every domain and node of a proved plan: parents first, whole subtrees together. */
export function expand(feed: Plan, { siteId, file, phases }: ExpansionNames): Expansion {
  const ordinals = new Map(phases.map((phase, ordinal) => [phase, ordinal]));
  const ordinal = (phase: string | undefined): number => ordinals.get(phase ?? "") ?? -1;
  const domains: PowerDomain[] = [];
  const nodes: SiteNode[] = [];
  const transferSums: TransferSum[] = [];
  const stampOut = (plan: Plan, stamp: Stamp, id: string, parentIndex: number): void => {
    const index = domains.length;
    domains.push({ index, id, parentIndex, ...stamp });
    let taken = 0;
    const nodeCount = plan.nodes.reduce((sum, group) => sum + group.count, 0);
    for (const { classIndex, count } of plan.nodes) {
      for (const name of numbered("node", taken + 1, count, nodeCount)) {
        nodes.push({ index: nodes.length, id: `${id}/${name}`, domainIndex: index, classIndex });
      }
      taken += count;
    }
    const standing = new Map<PlannedChildren, number[]>();
    for (const child of plan.children) {
      const indexes: number[] = [];
      standing.set(child, indexes);
      // A hall of an early phase cannot stand before the substation of a later one does.
      const phase = ordinal(child.phase) > ordinal(stamp.phase) ? child.phase : stamp.phase;
      const fedBy = child.fedBy === undefined ? {} : { fedBy: child.fedBy };
      const childStamp: Stamp = { ...stampOf(child.plan, plan, file), ...fedBy, phase };
      for (const name of child.names) {
        indexes.push(domains.length);
        stampOut(child.plan, childStamp, `${id}/${name}`, index);
      }
    }
    for (const { supply, failed, usableWatts, groups } of transfersOf(plan)) {
      const indexes = groups.flatMap((group) => standing.get(group) ?? []);
      const sorted = indexes.toSorted((a, b) => a - b);
      transferSums.push({ domainIndex: index, supply, failed, children: sorted, usableWatts });
    }
  };
  stampOut(feed, { ...stampOf(feed, undefined, file), phase: undefined }, siteId, -1);
  return { domains, nodes, transferSums };
}

function stampOf(plan: Plan, parent: Plan | undefined, file: string): Omit<Stamp, "phase"> {
  const { numerator, denominator } = plan.loadFactor;
  const { scale } = plan.loadScale;
  const source: SourceLine = { file, line: plan.limitAt.line };
  return {
    kind: plan.kind,
    limitWatts: plan.limitWatts,
    usableWatts: plan.usableWatts,
    redundancy: plan.redundancy,
    supplyWatts: plan.supplyWatts,
    ...(plan.supplyNames === undefined ? {} : { supplyNames: plan.supplyNames }),
    ...(plan.ramp === undefined ? {} : { ramp: plan.ramp }),
    fixedWatts: plan.fixedWatts,
    loadFactor: { numerator: Number(numerator), denominator: Number(denominator) },
    loadScale: Number(scale),
    nodeMultiplier: Number(nodeMultiplier(plan.loadScale)),
    parentMultiplier: parent === undefined ? 0 : Number(parentMultiplier(parent.loadScale, scale)),
    source,
  };
}
