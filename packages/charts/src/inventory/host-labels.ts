import type { ClusterPlan, Host, SitePlan } from "@ertis/provisioning-model";
import { labelNames } from "@ertis/provisioning-model";

/** Where a host stands, what it is, and in which state: on the host, and by label sync on its node. */
export function hostLabels(
  plan: SitePlan,
  cluster: ClusterPlan,
  host: Host,
): Readonly<Record<string, string>> {
  return {
    [labelNames.site]: plan.site.id,
    [labelNames.hall]: cluster.name,
    [labelNames.row]: domainLabel(plan, host.rowIndex),
    // A management host stands in its row, beside the racks of the power tree.
    ...(host.rackIndex === host.rowIndex
      ? {}
      : { [labelNames.rack]: domainLabel(plan, host.rackIndex) }),
    [labelNames.powerFeed]: host.powerFeed,
    [labelNames.failureDomain]: host.powerFeed,
    [labelNames.role]: host.role,
    [labelNames.state]: host.state,
    ...(host.nodeClass === undefined
      ? {}
      : {
          [labelNames.nodeClass]: host.nodeClass.name,
          [labelNames.gpuModel]: host.nodeClass.gpuModel,
        }),
  };
}

/** The last part of a domain's path: `row-03`. Unique together with the labels above it. */
export function domainLabel(plan: SitePlan, domainIndex: number): string {
  const id = plan.site.domains[domainIndex]?.id;
  if (id === undefined) {
    throw new RangeError(`site ${plan.site.id} has no domain ${domainIndex}`);
  }
  return id.slice(id.lastIndexOf("/") + 1);
}
