import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { labelNames } from "@ertis/provisioning-model";
import {
  clusterApiVersion,
  type ClusterSpec,
  type MachineDeploymentTopology,
} from "../kinds/cluster-api.ts";
import type { Manifest } from "../manifest.ts";
import type { InfrastructureParts } from "./infrastructure.ts";
import {
  classLabels,
  controlPlaneClass,
  feedsOfClass,
  hostsOfClass,
  isNode,
  workerClasses,
  type MachineClass,
} from "./machine-class.ts";
import { apiServerPort } from "./virtual-address.ts";

/** etcd keeps its quorum while one host, or one feed, is away. */
export const controlPlaneReplicaCount = 3;

/** The hall's Cluster: how many machines of which class stand in which feed, and at which version. */
export function clusterManifest(
  plan: SitePlan,
  cluster: ClusterPlan,
  parts: InfrastructureParts,
): Manifest {
  const { podCidr, serviceCidr } = cluster.networks;
  const variables = Object.entries(parts.values).map(([name, value]) => ({ name, value }));
  const spec: ClusterSpec = {
    clusterNetwork: {
      apiServerPort,
      pods: { cidrBlocks: [podCidr] },
      services: { cidrBlocks: [serviceCidr] },
      serviceDomain: "cluster.local",
    },
    topology: {
      classRef: { name: cluster.name },
      version: `v${cluster.kubernetesVersion}`,
      controlPlane: {
        replicas: controlPlaneReplicaCount,
        metadata: { labels: classLabels(controlPlaneClass) },
      },
      workers: {
        machineDeployments: workerClasses(cluster).flatMap((machineClass) =>
          machineDeployments(cluster, machineClass),
        ),
      },
      ...(variables.length === 0 ? {} : { variables }),
    },
  };
  return {
    apiVersion: clusterApiVersion,
    kind: "Cluster",
    metadata: {
      name: cluster.name,
      namespace: cluster.name,
      labels: { [labelNames.site]: plan.site.id, [labelNames.hall]: cluster.name },
    },
    spec,
  };
}

/**
 * One in each feed with hosts of the class, so that machines of a feed are counted, rolled and judged
 * sick by themselves. A feed whose hosts are all in repair keeps its MachineDeployment, with none.
 */
function machineDeployments(
  cluster: ClusterPlan,
  machineClass: MachineClass,
): readonly MachineDeploymentTopology[] {
  const ready = hostsOfClass(cluster, machineClass).filter(isNode);
  return feedsOfClass(cluster, machineClass).map(({ name }) => ({
    class: machineClass.name,
    name: `${machineClass.name}-${name}`,
    replicas: ready.filter(({ powerFeed }) => powerFeed === name).length,
    failureDomain: name,
    metadata: { labels: { ...classLabels(machineClass), [labelNames.powerFeed]: name } },
  }));
}
