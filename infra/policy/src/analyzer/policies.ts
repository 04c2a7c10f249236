import type { Policies, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { toFacts } from "../facts.ts";
import type { Facts } from "../facts.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule, Rule, StackRule } from "../rule.ts";
import { readResource } from "./read-resource.ts";
import type { ShownResource } from "./read-resource.ts";
import { stackConfiguration } from "./stack-configuration.ts";

/**
 * What one run of the engine has shown so far. Every resource is read once, when the engine offers it
 * for changes: only then are secrets marked. Site files are read once, at the first resource.
 */
class Analysis {
  readonly #seen = new Map<string, Resource>();
  #facts: Facts | undefined;

  observe(shown: ShownResource): void {
    this.#seen.set(shown.urn, readResource(shown, true));
  }

  /** The inputs as observed; what the engine shows now where it never offered the resource. */
  find(shown: ShownResource): Resource {
    return this.#seen.get(shown.urn) ?? readResource(shown, false);
  }

  facts(urn: string): Facts {
    this.#facts ??= toFacts({ ...parseUrn(urn), config: stackConfiguration() });
    return this.#facts;
  }
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>`. */
function parseUrn(urn: string): { readonly stack: string; readonly project: string } {
  const [start = "", project = ""] = urn.split("::");
  return { stack: start.split(":").at(2) ?? "", project };
}

/**
 * The rules as policies of the engine, all mandatory. An extra one, which never objects, looks at every
 * resource first.
 */
export function createPolicies(rules: readonly Rule[]): Policies {
  const analysis = new Analysis();
  return [
    createObserver(analysis),
    ...rules.map((rule) =>
      rule.kind === "resource"
        ? createResourcePolicy(rule, analysis)
        : createStackPolicy(rule, analysis),
    ),
  ];
}

function createObserver(analysis: Analysis): ResourceValidationPolicy {
  return {
    name: "observe",
    description: "Reads each resource once, with its secrets marked. Changes and refuses nothing.",
    enforcementLevel: "remediate",
    remediateResource: (shown) => {
      analysis.observe(shown);
    },
  };
}

function createResourcePolicy(rule: ResourceRule, analysis: Analysis): ResourceValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    validateResource: (shown, report) => {
      for (const message of rule.check(analysis.find(shown), analysis.facts(shown.urn))) {
        report(message);
      }
    },
  };
}

function createStackPolicy(rule: StackRule, analysis: Analysis): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    validateStack: ({ resources }, report) => {
      const [first] = resources;
      if (first === undefined) {
        return;
      }
      const found = resources.map((shown) => analysis.find(shown));
      for (const message of rule.check(found, analysis.facts(first.urn))) {
        report(message);
      }
    },
  };
}
