import {
  annotationNames,
  type ClusterPlan,
  gpuResourceName,
  gpuTaint,
  type Host,
  hostArchitecture,
  labelNames,
  type SitePlan,
} from "@ertis/provisioning-model";
import type { NodeClass } from "@ertis/site-model";
import type { Manifest } from "./manifest.ts";

/** A host of eight GPUs has about so much; jobs are bounded by GPUs and watts, not by these. */
const capacityPerGpu = { cpuCount: 24, memoryGibibytes: 250 } as const;
const podCount = 110;

/** The GPU hosts of a hall as nodes that kwok plays: what the platform would show of the real ones. */
export function kwokNodes(plan: SitePlan, cluster: ClusterPlan): Manifest[] {
  return cluster.hosts.flatMap((host) =>
    host.role === "gpu" && host.nodeClass !== undefined
      ? [kwokNode(plan, cluster, host, host.nodeClass)]
      : [],
  );
}

function kwokNode(
  plan: SitePlan,
  cluster: ClusterPlan,
  host: Host,
  nodeClass: NodeClass,
): Manifest {
  const resources = nodeResources(nodeClass);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: host.name,
      labels: nodeLabels(plan, cluster, host, nodeClass),
      annotations: {
        "kwok.x-k8s.io/node": "fake",
        ...(host.nodeId === undefined ? {} : { [annotationNames.nodeId]: host.nodeId }),
        [annotationNames.ratedWatts]: String(host.ratedWatts),
        [annotationNames.idleWatts]: String(host.idleWatts),
      },
    },
    // The state is a label only, as on real nodes: nothing carries a host's taints to its node.
    spec: { taints: [gpuTaint] },
    status: { capacity: resources, allocatable: resources },
  };
}

function nodeLabels(
  plan: SitePlan,
  cluster: ClusterPlan,
  host: Host,
  nodeClass: NodeClass,
): Readonly<Record<string, string>> {
  return {
    "kubernetes.io/hostname": host.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": hostArchitecture(host) === "aarch64" ? "arm64" : "amd64",
    "topology.kubernetes.io/region": plan.site.id,
    "topology.kubernetes.io/zone": host.powerFeed,
    [labelNames.site]: plan.site.id,
    [labelNames.hall]: cluster.name,
    [labelNames.row]: lastPart(plan, host.rowIndex),
    [labelNames.rack]: lastPart(plan, host.rackIndex),
    [labelNames.powerFeed]: host.powerFeed,
    [labelNames.role]: host.role,
    [labelNames.nodeClass]: nodeClass.name,
    [labelNames.gpuModel]: nodeClass.gpuModel,
    [labelNames.state]: host.state,
  };
}

function nodeResources(nodeClass: NodeClass): Readonly<Record<string, string>> {
  const { gpuCount } = nodeClass;
  return {
    cpu: String(gpuCount * capacityPerGpu.cpuCount),
    memory: `${gpuCount * capacityPerGpu.memoryGibibytes}Gi`,
    pods: String(podCount),
    [gpuResourceName(nodeClass.gpuModel)]: String(gpuCount),
  };
}

/** As the labels of the hosts have it: `row-03`, unique together with the labels above it. */
function lastPart(plan: SitePlan, domainIndex: number): string {
  const id = plan.site.domains[domainIndex]?.id ?? "";
  return id.slice(id.lastIndexOf("/") + 1);
}
