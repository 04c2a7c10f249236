import { installedPower, powerProblems } from "@ertis/provisioning-model";
import type { SitePlan } from "@ertis/provisioning-model";
import type { Facts } from "../facts.ts";
import { rootType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * The sum is over the site file, not over the stack: the other halls of the site have stacks of their
 * own, and share its substations and feed with this one. It is judged on the stack itself, which the
 * engine shows first, so an `up` stops before it has made anything.
 */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (resource.type !== rootType) {
    return [];
  }
  const sites = facts.plan === undefined ? facts.plans : [facts.plan];
  return sites.flatMap((plan) => judge(plan, facts.cluster?.name));
}

/** Hosts of all built halls, and of the hall this stack belongs to, built or not. */
function judge(plan: SitePlan, ownName: string | undefined): readonly string[] {
  const clusters = plan.clusters.filter(({ name, isBuilt }) => isBuilt || name === ownName);
  return powerProblems(plan, installedPower(clusters)).map(({ message }) => `${message}.`);
}

export const powerWithinLimits: ResourceRule = {
  kind: "resource",
  name: "power-within-limits",
  description:
    "Rated and idle watts of the site's hosts fit every limit of the power tree, also after any single failure.",
  check,
};
