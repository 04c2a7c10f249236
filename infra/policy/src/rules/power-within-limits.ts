import { installedPower, powerProblems } from "@ertis/provisioning-model";
import type { ResourceRule } from "../rule.ts";
import { checkOfSites } from "./check-of-sites.ts";

/**
 * The sum is over the site file, not over the stack: the other halls of the site have stacks of their
 * own, and share its substations and feed with this one. It is judged on the stack itself, which the
 * engine shows first, so an `up` stops before it has made anything.
 */
const check = checkOfSites((plan, ownName) => {
  // Hosts of all built halls, and of the hall this stack belongs to, built or not.
  const clusters = plan.clusters.filter(({ name, isBuilt }) => isBuilt || name === ownName);
  return powerProblems(plan, installedPower(clusters)).map(({ message }) => `${message}.`);
});

export const powerWithinLimits: ResourceRule = {
  kind: "resource",
  name: "power-within-limits",
  description:
    "Rated and idle watts of the site's hosts fit every limit of the power tree, also after any single failure.",
  check,
};
