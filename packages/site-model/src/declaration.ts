import type { Watts } from "@ertis/quantities";
import type { DeclaredBudget } from "./budgets/read-budgets.ts";
import type { DeclaredLevel } from "./fabric/read-fabric.ts";
import type { Located, Place } from "./reader/index.ts";
import type { Ratio } from "./ratio.ts";
import type { DomainKind, NodeClass, Ramp, Redundancy, SiteCurve } from "./site.ts";

/** From the grid down. A domain may hold any kind further down, so small sites can skip levels. */
export const domainKinds: readonly DomainKind[] = ["feed", "substation", "hall", "row", "rack"];

export function isAbove(upper: DomainKind, lower: DomainKind): boolean {
  return domainKinds.indexOf(upper) < domainKinds.indexOf(lower);
}

/**
 * A field of a block: undefined when it is not written, a value of undefined when it is written but
 * wrong. The second has been reported already and must not count as missing.
 */
export type Field<T> = Located<T | undefined> | undefined;

/** What a site file says, checked field by field, before templates are filled in. */
export interface SiteDeclaration {
  readonly id: string;
  readonly title: string;
  readonly nodeClasses: readonly NodeClass[];
  /** Also the classes with mistakes in them, so that a use of one is not reported as unknown. */
  readonly nodeClassNames: readonly string[];
  readonly curves: readonly SiteCurve[];
  readonly phases: readonly Phase[];
  readonly budgets: readonly DeclaredBudget[];
  readonly fabric: readonly DeclaredLevel[];
  readonly templates: ReadonlyMap<string, Template>;
  readonly feed: DomainBody;
}

export interface Phase {
  readonly name: string;
  readonly isBuilt: boolean;
}

export interface Template {
  /** Undefined when it is missing or wrong, which has been reported. */
  readonly kind: DomainKind | undefined;
  readonly body: DomainBody;
}

/** Nameplate limits of what feeds a domain. */
export interface Supplies {
  readonly watts: readonly Watts[];
  /** In the same order; undefined when they are only counted. */
  readonly names: readonly string[] | undefined;
}

/** One block that describes a domain: a template, an item of a list, or the feed. */
export interface DomainBody {
  readonly at: Place;
  /** The template whose fields hold where this block says nothing. */
  readonly template: Field<string>;
  readonly supplies: Field<Supplies>;
  readonly redundancy: Field<Redundancy>;
  readonly derating: Field<Ratio>;
  readonly loadFactor: Field<Ratio>;
  readonly fixed: Field<Watts>;
  readonly networkPerNode: Field<Watts>;
  readonly ramp: Field<Ramp>;
  /** By kind; a kind written here replaces what a template says about that kind. */
  readonly children: ReadonlyMap<DomainKind, Located<readonly ChildGroup[]>>;
  readonly nodes: Field<readonly NodeGroup[]>;
}

/** Domains that are alike but for their names. */
export interface ChildGroup {
  readonly at: Place;
  readonly names: readonly string[];
  /** The phase that builds them; not written when they always exist. */
  readonly phase: Field<string>;
  /** Names of supplies of the domain that holds them, where those are distributed. */
  readonly primary: Field<string>;
  readonly reserve: Field<string>;
  readonly body: DomainBody;
}

export interface NodeGroup {
  readonly at: Place;
  readonly count: number;
  readonly className: string;
}
