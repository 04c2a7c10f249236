import { labelNames } from "@ertis/provisioning-model";
import type { Facts } from "../facts.ts";
import { at, listAt, numberAt, textAt } from "../fields.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { StackRule } from "../rule.ts";

/** etcd outlives one failed member of three; a feed with two of them would take the majority with it. */
const minFeedCount = 3;
/** The limit Kubernetes is tested to. */
const maxNodeCount = 5_000;

function check(resources: readonly Resource[], facts: Facts): readonly string[] {
  return [
    ...resources.flatMap(checkFailureDomains),
    ...resources.flatMap(checkCluster),
    ...checkHosts(resources),
    ...checkSelectors(resources),
    ...checkPlan(resources, facts),
  ];
}

function checkFailureDomains(resource: Resource): readonly string[] {
  const isTemplate = isKind(resource, "infrastructure.cluster.x-k8s.io", "Metal3ClusterTemplate");
  if (!isTemplate) {
    return [];
  }
  const domains = listAt(resource.inputs, "spec", "template", "spec", "failureDomains");
  const names = domains
    .filter((domain) => at(domain, "controlPlane") === true)
    .map((domain) => textAt(domain, "name"));
  const count = new Set(names).size;
  return count >= minFeedCount
    ? []
    : [
        `${describe(resource)} allows the control plane on ${count} power feeds, needed are ${minFeedCount}. Mark more of its failureDomains with controlPlane: true, or group the hall's rows into more feeds in the provisioning file.`,
      ];
}

function checkCluster(resource: Resource): readonly string[] {
  if (!isKind(resource, "cluster.x-k8s.io", "Cluster")) {
    return [];
  }
  const topology = at(resource.inputs, "spec", "topology");
  const replicaCount = numberAt(topology, "controlPlane", "replicas");
  const pools = listAt(topology, "workers", "machineDeployments");
  const workerCount = pools.reduce<number>(
    (sum, pool) => sum + (numberAt(pool, "replicas") ?? 0),
    0,
  );
  const nodeCount = workerCount + (replicaCount ?? 0);
  const isOdd = replicaCount === undefined || replicaCount % 2 === 1;
  const isEnough = replicaCount === undefined || replicaCount >= minFeedCount;
  return [
    ...(isOdd && isEnough
      ? []
      : [
          `${describe(resource)} has ${replicaCount} control plane nodes; use 3 or 5, so that a majority is left when one fails.`,
        ]),
    ...(nodeCount <= maxNodeCount
      ? []
      : [
          `${describe(resource)} has ${nodeCount} nodes, Kubernetes is tested to ${maxNodeCount}. Split the hall in the site file.`,
        ]),
  ];
}

/** In the inventory: hosts that wait for the control plane stand on enough feeds. */
function checkHosts(resources: readonly Resource[]): readonly string[] {
  const hosts = resources.filter(
    (one) =>
      isKind(one, "metal3.io", "BareMetalHost") &&
      textAt(one.inputs, "metadata", "labels", labelNames.role) === "control-plane",
  );
  if (hosts.length === 0) {
    return [];
  }
  const feeds = new Set(
    hosts.map(({ inputs }) => textAt(inputs, "metadata", "labels", labelNames.failureDomain)),
  );
  return feeds.size >= minFeedCount
    ? []
    : [
        `The ${hosts.length} control plane hosts stand on ${feeds.size} power feeds (${[...feeds].join(", ")}), needed are ${minFeedCount}. Move them in the provisioning file.`,
      ];
}

/** What the control plane's machines are made from must choose control plane hosts, and no others. */
function checkSelectors(resources: readonly Resource[]): readonly string[] {
  const names = resources
    .filter((one) => isKind(one, "cluster.x-k8s.io", "ClusterClass"))
    .map(({ inputs }) =>
      textAt(inputs, "spec", "controlPlane", "machineInfrastructure", "templateRef", "name"),
    );
  return resources
    .filter((one) => isKind(one, "infrastructure.cluster.x-k8s.io", "Metal3MachineTemplate"))
    .filter(({ inputs }) => names.includes(textAt(inputs, "metadata", "name")))
    .flatMap((template) => {
      const labels = at(template.inputs, "spec", "template", "spec", "hostSelector", "matchLabels");
      const role = at(labels, labelNames.role);
      return role === "control-plane" || typeof role === "symbol"
        ? []
        : [
            `${describe(template)} makes control plane nodes but may take any host, GPU hosts included. Give its hostSelector ${labelNames.role}: control-plane.`,
          ];
    });
}

/** A stack that makes a cluster whose plan has too few feeds cannot be mended in the program. */
function checkPlan(resources: readonly Resource[], { cluster }: Facts): readonly string[] {
  const makesCluster = resources.some((one) => isKind(one, "cluster.x-k8s.io", "Cluster"));
  if (!makesCluster || cluster === undefined) {
    return [];
  }
  const hosts = cluster.hosts.filter(({ role }) => role === "control-plane");
  const feeds = new Set(hosts.map(({ powerFeed }) => powerFeed));
  const [first] = hosts;
  return feeds.size >= minFeedCount || first === undefined
    ? []
    : [
        `${cluster.name} has its ${hosts.length} control plane hosts on ${feeds.size} power feeds, needed are ${minFeedCount}. See ${first.source.file}:${first.source.line}.`,
      ];
}

export const controlPlane: StackRule = {
  kind: "stack",
  name: "control-plane",
  description: "A control plane outlives the loss of any power feed and never takes GPU hosts.",
  check,
};
