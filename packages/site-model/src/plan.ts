import { type Watts, watts } from "@ertis/quantities";
import type { ChildGroup, DomainBody, SiteDeclaration } from "./declaration.ts";
import { isAbove } from "./declaration.ts";
import { type Merged, mergeTemplates } from "./merge.ts";
import type { Place, Problems } from "./problems.ts";
import { checkPlan } from "./prove.ts";
import { isTemplateOnly } from "./read-domain.ts";
import { type Ratio, ratio } from "./ratio.ts";
import { type LoadScale, loadScaleOf } from "./scale.ts";
import type { DomainKind, Redundancy } from "./site.ts";
import { nameplateWatts, redundancyMistake, usableWatts } from "./supplies.ts";
import { noTotals, type Totals, totalsOf } from "./totals.ts";
import { didYouMean, listed } from "./words.ts";

/** A domain ready to be stamped out, once for all domains that are alike. */
export interface Plan {
  readonly kind: DomainKind;
  readonly supplyWatts: readonly Watts[];
  readonly limitWatts: Watts;
  readonly usableWatts: Watts;
  readonly redundancy: Redundancy;
  readonly derating: Ratio;
  readonly loadFactor: Ratio;
  /** Own fixed load and the network share of all nodes below. */
  readonly fixedWatts: Watts;
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

  /** Undefined when the block cannot be planned at all; the reason has been reported. */
  plan(body: DomainBody, kind: DomainKind): Plan | undefined {
    const { template } = body;
    if (template?.value !== undefined) {
      const found = this.#declaration.templates.get(template.value);
      if (found === undefined) {
        const known = this.#declaration.templates.keys();
        this.#problems.add(
          template.at,
          `unknown template "${template.value}"${didYouMean(template.value, known)} Known: ${listed(this.#declaration.templates.keys())}`,
        );
        return undefined;
      }
      if (found.kind !== undefined && found.kind !== kind) {
        this.#problems.add(
          template.at,
          `template "${template.value}" is a ${found.kind}, but a ${kind} is needed here`,
        );
        return undefined;
      }
      if (isTemplateOnly(body)) {
        return this.#once(found.body, kind);
      }
    }
    return this.#once(body, kind);
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
    const children = this.#children(merged, kind);
    const nodes = this.#nodes(merged);
    const electric = this.#electric(merged, kind);
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
      isLimitKnown: electric.limitWatts !== nothing,
      isFixedTooLarge: totals === undefined,
    });
    return plan;
  }

  #electric(
    merged: Merged,
    kind: DomainKind,
  ): Pick<Plan, "supplyWatts" | "limitWatts" | "usableWatts" | "redundancy" | "derating"> {
    const redundancy = merged.redundancy?.value ?? "none";
    const derating = merged.derating?.value ?? one;
    const unknown = {
      supplyWatts: [],
      limitWatts: nothing,
      usableWatts: nothing,
      redundancy,
      derating,
    };
    const { supplies } = merged;
    if (supplies === undefined) {
      this.#problems.add(
        merged.at,
        `this ${kind} has no limit: write limit: 44 kW or supplies: 3 × 25 MW here or in its template`,
      );
      return unknown;
    }
    const areKnown =
      supplies.value !== undefined &&
      !(merged.redundancy !== undefined && merged.redundancy.value === undefined) &&
      !(merged.derating !== undefined && merged.derating.value === undefined);
    if (supplies.value === undefined || !areKnown) {
      return unknown;
    }
    const mistake = redundancyMistake(supplies.value, redundancy);
    if (mistake !== undefined) {
      this.#problems.add(merged.redundancy?.at ?? supplies.at, mistake);
      return unknown;
    }
    const limitWatts = nameplateWatts(supplies.value);
    if (limitWatts === undefined || supplies.value.includes(nothing)) {
      this.#problems.add(
        supplies.at,
        "supplies must be above 0 W each and below 9 PW in sum: correct them",
      );
      return unknown;
    }
    return {
      supplyWatts: supplies.value,
      limitWatts,
      usableWatts: usableWatts(supplies.value, redundancy, derating),
      redundancy,
      derating,
    };
  }

  #children(merged: Merged, kind: DomainKind): readonly PlannedChildren[] {
    const planned: PlannedChildren[] = [];
    const taken = new Set<string>();
    for (const [childKind, groups] of merged.children) {
      if (!isAbove(kind, childKind)) {
        continue;
      }
      for (const group of groups.value) {
        this.#checkNames(group, taken);
        const plan = this.plan(group.body, childKind);
        if (plan !== undefined && this.#isIncluded(group)) {
          planned.push({ names: group.names, plan });
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

  #isIncluded(group: ChildGroup): boolean {
    if (group.phase === undefined) {
      return true;
    }
    const known = this.#declaration.phases.map((phase) => phase.name);
    if (!known.includes(group.phase)) {
      this.#problems.add(
        group.at,
        `unknown phase "${group.phase}"${didYouMean(group.phase, known)} Known: ${listed(known)}`,
      );
    }
    return this.#phases.has(group.phase);
  }

  #nodes(merged: Merged): readonly PlannedNodes[] {
    const planned: PlannedNodes[] = [];
    for (const { at, className, count } of merged.nodes?.value ?? []) {
      const classIndex = this.#classIndex.get(className);
      if (classIndex !== undefined) {
        planned.push({ classIndex, count });
      } else if (!this.#declaration.nodeClassNames.includes(className)) {
        const known = this.#declaration.nodeClassNames;
        this.#problems.add(
          at,
          `unknown node class "${className}"${didYouMean(className, known)} Known: ${listed(known)}`,
        );
      }
    }
    return planned;
  }
}
