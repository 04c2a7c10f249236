import type { ClusterPlan, Host, HostRole, SitePlan } from "@ertis/provisioning-model";
import { annotationNames, hostArchitecture } from "@ertis/provisioning-model";
import { externalSecret } from "../kinds/external-secrets.ts";
import { bareMetalHost } from "../kinds/metal3.ts";
import type { Manifest } from "../manifest.ts";
import { hostLabels } from "./host-labels.ts";
import { bmcSecretName, bootMacAnnotation } from "./names.ts";

/**
 * A host and the reference to the credentials of its BMC.
 *
 * Its state is a label that the machine templates select by and CAPM3 copies to the node; the flavors of
 * Kueue select by it there. It is no taint: no controller of Metal3 carries `spec.taints` to a node. Power is declared on and never off: Cluster API drains the node, releases the host and
 * then switches it off itself, while a declared `off` would cut the power under running jobs, because
 * the inventory is applied before the clusters.
 */
export function hostManifests(
  plan: SitePlan,
  cluster: ClusterPlan,
  host: Host,
): readonly Manifest[] {
  const labels = hostLabels(plan, cluster, host);
  const credentials = externalSecret({
    metadata: { name: bmcSecretName(host), namespace: cluster.name },
    remoteKey: `bmc/${plan.site.id}/${host.name}`,
    properties: ["username", "password"],
    // The operator caches only Secrets with this label, and would add it to the object itself.
    secretLabels: { "environment.metal3.io/baremetal": "true" },
    // A host that is let go is still there; without them nobody could switch it off. The operator makes
    // the host an owner of the Secret, so it goes with the host.
    isKept: true,
  });
  const metadata = {
    name: host.name,
    namespace: cluster.name,
    labels,
    annotations: hostAnnotations(host),
  };
  return [
    credentials,
    bareMetalHost(metadata, {
      architecture: hostArchitecture(host),
      automatedCleaningMode: cleaningMode(host.role),
      bmc: {
        address: host.bmcAddress,
        credentialsName: bmcSecretName(host),
        disableCertificateVerification: false,
      },
      bootMACAddress: host.bootMac,
      bootMode: "UEFI",
      inspectionMode: "agent",
      online: true,
      rootDeviceHints: {
        minSizeGigabytes: host.rootDevice.minSizeGigabytes,
        rotational: host.rootDevice.rotational,
      },
    }),
  ];
}

/**
 * Over an upgrade, GPU hosts keep the data sets on their local disks and storage hosts their Ceph disks;
 * what held etcd is wiped.
 */
export function cleaningMode(role: HostRole): "metadata" | "disabled" {
  return role === "control-plane" ? "metadata" : "disabled";
}

/** What a label cannot hold: a path has slashes, and watts are compared, not selected by. */
function hostAnnotations(host: Host): Readonly<Record<string, string>> {
  return {
    ...(host.nodeId === undefined ? {} : { [annotationNames.nodeId]: host.nodeId }),
    [annotationNames.ratedWatts]: String(host.ratedWatts),
    [annotationNames.idleWatts]: String(host.idleWatts),
    [bootMacAnnotation]: host.bootMac,
  };
}
