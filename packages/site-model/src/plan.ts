import { type Watts, watts } from "@ertis/quantities";
import type { ChildGroup, DomainBody, SiteDeclaration } from "./declaration.ts";
import { isAbove } from "./declaration.ts";
import { type Electric, electricOf } from "./electric.ts";
import { type Merged, mergeTemplates } from "./merge.ts";
import type { Place, Problems } from "./reader/index.ts";
import { checkFedBy, checkNodesOf, fedByOf, type Holder } from "./fed-by.ts";
import { checkPlan } from "./prove.ts";
import { isTemplateOnly } from "./template-only.ts";
import { type Ratio, ratio } from "./ratio.ts";
import { type LoadScale, loadScaleOf } from "./scale.ts";
import type { DomainKind, FedBy, Ramp } from "./site.ts";
import { noTotals, type Totals, totalsOf } from "./totals.ts";

/** A domain ready to be stamped out, once for all domains that are alike. */
export interface Plan extends Electric {
  readonly kind: DomainKind;
  readonly loadFactor: Ratio;
  /** Own fixed load and the network share of all nodes below. */
  readonly fixedWatts: Watts;
  readonly ramp: Ramp | undefined;
  readonly children: readonly PlannedChildren[];
  readonly nodes: readonly PlannedNodes[];
  readonly totals: Totals;
  readonly loadScale: LoadScale;
  /** Where the limit is written. */
  readonly limitAt: Place;
  readonly loadFactorAt: Place;
}

export interface PlannedChildren {
  readonly names: readonly string[];
  /** The phase that builds them; undefined when they stand as soon as what holds them. */
  readonly phase: string | undefined;
  /** Only under distributed redundancy. */
  readonly fedBy: FedBy | undefined;
  readonly plan: Plan;
}

export interface PlannedNodes {
  readonly classIndex: number;
  readonly count: number;
}

const one: Ratio = ratio(1n);
const nothing: Watts = watts(0);

/** Turns blocks into plans, each block once, and proves every plan on the way up. */
export class Planner {
  readonly #declaration: SiteDeclaration;
  readonly #problems: Problems;
  readonly #phases: ReadonlySet<string>;
  readonly #done = new Map<DomainBody, Plan | undefined>();
  readonly #classIndex: ReadonlyMap<string, number>;

  /** Domains whose phase is not among `phases` are left out. */
  constructor(declaration: SiteDeclaration, problems: Problems, phases: ReadonlySet<string>) {
    this.#declaration = declaration;
    this.#problems = problems;
    this.#phases = phases;
    this.#classIndex = new Map(
      declaration.nodeClasses.map((nodeClass, index) => [nodeClass.name, index]),
    );
  }

  /** Undefined when the block cannot be planned at all, which has been reported by others. */
  plan(body: DomainBody, kind: DomainKind): Plan | undefined {
    const templateName = body.template?.value;
    const template =
      templateName === undefined ? undefined : this.#declaration.templates.get(templateName);
    if (templateName !== undefined && template?.kind !== kind) {
      return undefined;
    }
    return this.#once(template !== undefined && isTemplateOnly(body) ? template.body : body, kind);
  }

  #once(body: DomainBody, kind: DomainKind): Plan | undefined {
    if (!this.#done.has(body)) {
      // Set first, so that a cycle (reported before) ends here.
      this.#done.set(body, undefined);
      this.#done.set(body, this.#build(body, kind));
    }
    return this.#done.get(body);
  }

  #build(body: DomainBody, kind: DomainKind): Plan | undefined {
    const merged = mergeTemplates(body, this.#declaration.templates);
    if (merged === undefined) {
      return undefined;
    }
    const children = this.#children(merged, kind);
    const nodes = this.#nodes(merged);
    const electric = electricOf(this.#problems, merged, kind);
    const loadFactor = merged.loadFactor?.value ?? one;
    const fixedWatts = merged.fixed?.value ?? nothing;
    const networkWatts = merged.networkPerNode?.value ?? nothing;
    const inside = { kind, fixedWatts, networkWatts, loadFactor, children, nodes };
    const totals = totalsOf(inside, this.#declaration.nodeClasses);
    const limitAt = merged.supplies?.at ?? body.at;
    const plan: Plan = {
      ...electric,
      kind,
      loadFactor,
      fixedWatts: totals?.fixedWatts ?? nothing,
      ramp: merged.ramp?.value,
      children,
      nodes,
      totals: totals ?? noTotals,
      loadScale: loadScaleOf(
        loadFactor,
        children.map((child) => child.plan.loadScale.scale),
      ),
      limitAt,
      loadFactorAt: merged.loadFactor?.at ?? limitAt,
    };
    checkPlan(this.#problems, plan, {
      isLimitKnown: electric.supplyWatts.length > 0,
      isFixedTooLarge: totals === undefined,
    });
    return plan;
  }

  #children(merged: Merged, kind: DomainKind): readonly PlannedChildren[] {
    const planned: PlannedChildren[] = [];
    const taken = new Set<string>();
    const holder: Holder = {
      kind,
      isDistributed: merged.redundancy?.value === "distributed",
      supplyNames: merged.supplies?.value?.names,
    };
    checkNodesOf(this.#problems, merged, holder);
    for (const [childKind, groups] of merged.children) {
      if (!isAbove(kind, childKind)) {
        continue;
      }
      for (const group of groups.value) {
        this.#checkNames(group, taken);
        checkFedBy(this.#problems, group, { kind: childKind, holder });
        const plan = this.plan(group.body, childKind);
        const isIncluded = group.phase === undefined || this.#phases.has(group.phase.value ?? "");
        if (plan !== undefined && isIncluded) {
          const { names, phase } = group;
          planned.push({ names, phase: phase?.value, fedBy: fedByOf(group), plan });
        }
      }
    }
    if (merged.children.size === 0 && merged.nodes === undefined) {
      const what = kind === "rack" ? "nodes: 4 × <node class>" : "racks: 10 × <rack template>";
      this.#problems.add(merged.at, `this ${kind} holds nothing: write for example ${what}`);
    }
    return planned;
  }

  #checkNames(group: ChildGroup, taken: Set<string>): void {
    for (const name of group.names) {
      if (taken.has(name)) {
        this.#problems.add(
          group.at,
          `duplicate name "${name}" in the same domain: rename or remove one`,
        );
        return;
      }
      taken.add(name);
    }
  }

  #nodes(merged: Merged): readonly PlannedNodes[] {
    const planned: PlannedNodes[] = [];
    for (const { className, count } of merged.nodes?.value ?? []) {
      const classIndex = this.#classIndex.get(className);
      if (classIndex !== undefined) {
        planned.push({ classIndex, count });
      }
    }
    return planned;
  }
}
