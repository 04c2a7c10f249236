import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { labelNames } from "@ertis/provisioning-model";
import { namespaceManifest } from "../kinds/core.ts";
import { ipPool } from "../kinds/metal3.ts";
import type { Manifest } from "../manifest.ts";
import { renderStack } from "../render-stack.ts";
import { hostManifests } from "./host-manifests.ts";
import { ipPoolName } from "./names.ts";

/**
 * The hosts of a hall on the management cluster: the hall's namespace, a BareMetalHost each with its BMC
 * credentials by reference, and the pool of their addresses. Hosts outlive clusters, so nothing here
 * names one.
 */
export function inventoryManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  return renderStack({ project: "inventory", stack: cluster.name }, [
    namespaceManifest(cluster.name, "restricted", {
      [labelNames.site]: plan.site.id,
      [labelNames.hall]: cluster.name,
    }),
    addressPool(cluster),
    ...cluster.hosts.flatMap((host) => hostManifests(plan, cluster, host)),
  ]);
}

/** Without a cluster's name in it: the pool would else be deleted with the cluster. */
function addressPool(cluster: ClusterPlan): Manifest {
  const { hostCidr, hostGateway, poolStart, poolEnd } = cluster.networks;
  return ipPool(
    { name: ipPoolName(cluster), namespace: cluster.name },
    {
      namePrefix: ipPoolName(cluster),
      pools: [{ start: poolStart, end: poolEnd }],
      prefix: Number(hostCidr.slice(hostCidr.indexOf("/") + 1)),
      gateway: hostGateway,
      // The hall's gateway forwards names to the site's resolvers.
      dnsServers: [hostGateway],
    },
  );
}
