import { wattQuota } from "@ertis/provisioning-model";
import type { SitePlan } from "@ertis/provisioning-model";
import { toNumber } from "@ertis/quantities";
import { locate } from "../facts.ts";
import type { Facts } from "../facts.ts";
import { rootType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Each hall bounds itself; that all of them together fit the feed is seen by none of their stacks. */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (resource.type !== rootType) {
    return [];
  }
  const sites = facts.plan === undefined ? facts.plans : [facts.plan];
  return sites.flatMap((plan) => judge(plan, facts.cluster?.name));
}

function judge(plan: SitePlan, ownName: string | undefined): readonly string[] {
  const [feed] = plan.site.domains;
  const halls = plan.clusters.filter(({ name, isBuilt }) => isBuilt || name === ownName);
  if (feed === undefined) {
    return [];
  }
  const shares = halls.map((hall) => ({ hall, watts: wattQuota(plan, hall).siteWatts }));
  const sumWatts = shares.reduce((sum, { watts }) => sum + watts, 0);
  const freeWatts = toNumber(feed.usableWatts) - toNumber(feed.fixedWatts);
  if (sumWatts <= freeWatts) {
    return [];
  }
  const parts = shares.map(({ hall, watts }) => `${hall.name} ${watts} W`).join(", ");
  return [
    `The halls' shares for jobs sum to ${sumWatts} W (${parts}), the feed of ${plan.site.id} leaves ${freeWatts} W. Its limit stands in ${locate(feed.source)}.`,
  ];
}

export const siteShares: ResourceRule = {
  kind: "resource",
  name: "site-shares",
  description: "What the halls of a site may add for jobs fits its feed together.",
  check,
};
