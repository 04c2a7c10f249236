import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import {
  itemAt,
  provisioningBase,
  replaced,
  siteText,
  smallPlan,
} from "@ertis/provisioning-model/testing";

/** A hall of twelve nodes whose watts end before its GPUs do. */
export interface SmallHall {
  readonly plan: SitePlan;
  readonly cluster: ClusterPlan;
}

/**
 * The first hall of the small site with UPS modules of the given size, of which one of three is spare. Two
 * modules carry 43,160 W without jobs: 12 idle nodes of 2.5 kW with 930 W of network each, and 2 kW of the
 * hall.
 */
export function smallHall(moduleKilowatts: number): SmallHall {
  const plan = smallPlan({
    site: replaced(siteText, "supplies: 3 × 75 kW", `supplies: 3 × ${moduleKilowatts} kW`),
    provisioning: `${provisioningBase}oversubscription:
  - {kind: hall, ratio: 2, source: assumption}
hostStates:
  small-s1-h1-r3-k2-n2: burn-in
`,
  });
  return { plan, cluster: itemAt(plan.clusters, 0) };
}
