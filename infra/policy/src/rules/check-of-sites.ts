import type { SitePlan } from "@ertis/provisioning-model";
import { rootType } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * A check of whole sites: of the stack's own where it has one, else of all. It is made once, on the stack
 * itself; a judge is told the stack's own cluster.
 */
export function checkOfSites(
  judge: (plan: SitePlan, ownName: string | undefined) => readonly string[],
): ResourceRule["check"] {
  return (resource, facts) => {
    if (resource.type !== rootType) {
      return [];
    }
    const sites = facts.plan === undefined ? facts.plans : [facts.plan];
    return sites.flatMap((plan) => judge(plan, facts.cluster?.name));
  };
}
