import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { controlPlaneReplicaCount } from "./cluster.ts";
import { nodePodCidrBits } from "./kubelet-file.ts";
import { controlPlaneClass, hostsOfClass, workerClasses } from "./machine-class.ts";

/** Kubernetes is tested up to so many nodes in a cluster. */
const nodeCountMax = 5000;

/**
 * Why a hall cannot be one cluster as it is described, a sentence each with the place to change; empty
 * when it can.
 */
export function clusterProblems(plan: SitePlan, cluster: ClusterPlan): readonly string[] {
  const { file, line } = plan.source;
  const at = `${file}:${line}: cluster ${cluster.name}`;
  const { hosts, networks } = cluster;
  const controlPlane = hostsOfClass(cluster, controlPlaneClass).filter(
    ({ state }) => state === "production",
  );
  const feedCount = new Set(controlPlane.map(({ powerFeed }) => powerFeed)).size;
  const podPrefixBits = Number(networks.podCidr.slice(networks.podCidr.indexOf("/") + 1));
  const podBlockCount = 2 ** Math.max(0, nodePodCidrBits - podPrefixBits);
  const names = workerClasses(cluster).map(({ name }) => name);
  const reserved = names.filter(
    (name, index) => name === controlPlaneClass.name || names.indexOf(name) !== index,
  );
  return [
    ...(hosts.length > nodeCountMax
      ? [
          `has ${hosts.length} nodes, at most ${nodeCountMax} work: divide the hall in the site file`,
        ]
      : []),
    ...(controlPlane.length < controlPlaneReplicaCount
      ? [
          `has ${controlPlane.length} control plane hosts in production and needs ${controlPlaneReplicaCount}: bring hosts back from repair, or raise controlPlaneHosts`,
        ]
      : []),
    ...(feedCount < controlPlaneReplicaCount
      ? [
          `has control plane hosts in ${feedCount} power feeds and needs them in ${controlPlaneReplicaCount}, so that a feed can trip: lower rowsPerFeed`,
        ]
      : []),
    ...(hosts.length > podBlockCount
      ? [
          `has ${hosts.length} nodes and a pod network ${networks.podCidr} for ${podBlockCount}, a /${nodePodCidrBits} each: lower prefixPerHall of pods`,
        ]
      : []),
    ...reserved.map(
      (name) => `has a node class "${name}", which is a name of management hosts: rename the class`,
    ),
  ].map((problem) => `${at} ${problem}`);
}
