import {
  type ClusterPlan,
  type HostState,
  type SitePlan,
  type WattQuota,
  wattQuota,
} from "@ertis/provisioning-model";
import type { NodeClass } from "@ertis/site-model";
import type { Manifest } from "../manifest.ts";
import { burnInFlavor, classFlavor } from "./flavors.ts";
import { queueNames, wattResources } from "./names.ts";
import { burnInProject, projectLabel } from "./projects.ts";

interface ResourceGroup {
  readonly coveredResources: readonly string[];
  readonly flavors: readonly {
    readonly name: string;
    readonly resources: readonly { readonly name: string; readonly nominalQuota: string }[];
  }[];
}

/** The site, and the hall in it: queues of a hall borrow from each other, and halls never do. */
export function cohortManifests(): readonly Manifest[] {
  const cohort = (name: string, spec: Readonly<Record<string, unknown>>): Manifest => ({
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "Cohort",
    metadata: { name },
    spec,
  });
  return [
    cohort(queueNames.siteCohort, {}),
    cohort(queueNames.hallCohort, { parentName: queueNames.siteCohort }),
  ];
}

/**
 * Three groups of resources: GPUs by class, watts of the hall, watts at the feed. A job needs room in
 * all three, and the message of a pending one says which is short and by how much.
 *
 * Research owns the whole quota. Burn-in owns GPUs only (other nodes than research) and borrows the
 * watts that research leaves; what it borrowed goes back as soon as research needs it.
 */
export function clusterQueueManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  const quota = wattQuota(plan, cluster);
  const research = clusterQueue(queueNames.research, {
    namespaceSelector: {
      matchExpressions: [
        { key: projectLabel, operator: "Exists" },
        { key: projectLabel, operator: "NotIn", values: [burnInProject] },
      ],
    },
    resourceGroups: [
      gpuGroup(cluster, quota, { flavorOf: classFlavor, state: "production" }),
      ...wattGroups(quota.hallWatts, quota.siteWatts),
    ],
    admissionScope: { admissionMode: "UsageBasedAdmissionFairSharing" },
    preemption: { withinClusterQueue: "LowerPriority", reclaimWithinCohort: "Any" },
  });
  const burnIn = clusterQueue(queueNames.burnIn, {
    namespaceSelector: { matchLabels: { [projectLabel]: burnInProject } },
    resourceGroups: [
      gpuGroup(cluster, quota, { flavorOf: burnInFlavor, state: "burn-in" }),
      ...wattGroups(0, 0),
    ],
    preemption: { withinClusterQueue: "Never", reclaimWithinCohort: "Never" },
  });
  return plan.mode === "provisioned" ? [research, burnIn] : [research];
}

function clusterQueue(name: string, spec: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "ClusterQueue",
    metadata: { name },
    spec: { cohortName: queueNames.hallCohort, queueingStrategy: "BestEffortFIFO", ...spec },
  };
}

/**
 * GPUs of the hosts in one state. Every flavor of a group has to list every resource of it: a class
 * has none of the other classes' models.
 */
function gpuGroup(
  cluster: ClusterPlan,
  quota: WattQuota,
  of: { readonly flavorOf: (nodeClass: NodeClass) => string; readonly state: HostState },
): ResourceGroup {
  const coveredResources = [...new Set(quota.perGpu.map(({ resourceName }) => resourceName))];
  return {
    coveredResources,
    flavors: quota.perGpu.map(({ nodeClass, resourceName: own }) => ({
      name: of.flavorOf(nodeClass),
      resources: coveredResources.map((name) => ({
        name,
        nominalQuota: String(name === own ? gpuCount(cluster, nodeClass, of.state) : 0),
      })),
    })),
  };
}

function gpuCount(cluster: ClusterPlan, nodeClass: NodeClass, state: HostState): number {
  const hosts = cluster.hosts.filter(
    (host) => host.nodeClass?.name === nodeClass.name && host.state === state,
  );
  return hosts.length * nodeClass.gpuCount;
}

function wattGroups(hallWatts: number, siteWatts: number): readonly ResourceGroup[] {
  return [
    wattGroup(queueNames.hallFlavor, wattResources.hall, hallWatts),
    wattGroup(queueNames.siteFlavor, wattResources.site, siteWatts),
  ];
}

function wattGroup(flavor: string, resource: string, watts: number): ResourceGroup {
  // A negative rest of the budget admits nothing; policy refuses such a site before it comes here.
  const nominalQuota = String(Math.max(0, Math.floor(watts)));
  return {
    coveredResources: [resource],
    flavors: [{ name: flavor, resources: [{ name: resource, nominalQuota }] }],
  };
}
