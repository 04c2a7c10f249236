import { powerProblems } from "@ertis/provisioning-model";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { locate } from "../facts.ts";
import type { Facts } from "../facts.ts";
import { rootType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Watts of one host and the part of the power tree that supplies it. */
interface Installed {
  readonly domainIndex: number;
  readonly ratedWatts: number;
  readonly idleWatts: number;
}

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
  return sites.flatMap((plan) =>
    powerProblems(plan, installedIn(plan, facts.cluster)).map(
      ({ domain, message, source }) =>
        `${domain.id}: ${message}. The limit stands in ${locate(source)}.`,
    ),
  );
}

/** Hosts of all built halls, and of the hall this stack belongs to, built or not. */
function installedIn(plan: SitePlan, own: ClusterPlan | undefined): readonly Installed[] {
  return plan.clusters
    .filter(({ name, isBuilt }) => isBuilt || name === own?.name)
    .flatMap(({ hosts }) => hosts)
    .map(({ rackIndex, ratedWatts, idleWatts }) => ({
      domainIndex: rackIndex,
      ratedWatts,
      idleWatts,
    }));
}

export const powerWithinLimits: ResourceRule = {
  kind: "resource",
  name: "power-within-limits",
  description:
    "Rated and idle watts of the site's hosts fit every limit of the power tree, also after any single failure.",
  check,
};
