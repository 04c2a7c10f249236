import type { Facts } from "./facts.ts";
import type { Resource } from "./resource.ts";

/** Judges one resource by its inputs, before it is made; each text is one violation. */
export interface ResourceRule {
  readonly kind: "resource";
  readonly name: string;
  /** What is promised, in one sentence; the engine prints it above each violation. */
  readonly description: string;
  readonly check: (resource: Resource, facts: Facts) => readonly string[];
}

/** Judges all resources of a stack together, at the end of a preview or an `up`. */
export interface StackRule {
  readonly kind: "stack";
  readonly name: string;
  readonly description: string;
  readonly check: (resources: readonly Resource[], facts: Facts) => readonly string[];
}

export type Rule = ResourceRule | StackRule;
