import type { ClusterPlan, SitePlan } from "./plan.ts";

export interface FoundCluster {
  readonly plan: SitePlan;
  readonly cluster: ClusterPlan;
}

/** The cluster of this name, and its site. */
export function findCluster(plans: readonly SitePlan[], name: string): FoundCluster | undefined {
  for (const plan of plans) {
    const cluster = plan.clusters.find((one) => one.name === name);
    if (cluster !== undefined) {
      return { plan, cluster };
    }
  }
  return undefined;
}
