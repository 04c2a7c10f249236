import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import type { Manifest } from "../manifest.ts";
import { addonNamespaces } from "../addons/addons.ts";
import { renderStack } from "../render-stack.ts";
import { clusterQueueManifests, cohortManifests } from "./cluster-queues.ts";
import { flavorManifests } from "./flavors.ts";
import { kueueConfigurationText } from "./kueue-configuration.ts";
import { queueNames } from "./names.ts";
import {
  burnInProject,
  defaultProjects,
  type Project,
  projectLabel,
  projectManifests,
  projectNamespace,
} from "./projects.ts";

/**
 * Everything Kueue reads in one hall: topology, flavors, cohorts, queues, priorities. All numbers come
 * from the site file through `wattQuota`, so a lowered limit changes the quotas it bears on and nothing
 * else.
 *
 * Without a cluster: the only hall of a registered site.
 */
export function queueManifests(
  plan: SitePlan,
  cluster: ClusterPlan | undefined,
  projects: readonly Project[] = defaultProjects,
): readonly Manifest[] {
  const hall = cluster ?? plan.clusters[0];
  if (hall === undefined) {
    return [];
  }
  // The platform stack makes these namespaces in halls we provision; nobody does in registered ones.
  const namespaces = plan.mode === "registered" ? projects.flatMap(projectManifests) : [];
  const stack = plan.mode === "registered" ? plan.site.id : hall.name;
  return renderStack({ project: "queues", stack }, [
    ...addonNamespaces("queues"),
    ...namespaces,
    configurationManifest(plan, hall),
    ...flavorManifests(plan, hall),
    ...cohortManifests(),
    admissionCheckManifest(),
    ...clusterQueueManifests(plan, hall),
    ...priorityManifests(),
    ...localQueueManifests(plan, projects),
  ]);
}

/**
 * The text the controller runs from. Its chart gets the same text in its values, because only the chart
 * restarts the controller when it changes; this copy is for everybody else: operators, policy, local
 * runs.
 */
function configurationManifest(plan: SitePlan, cluster: ClusterPlan): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: queueNames.configuration, namespace: queueNames.namespace },
    data: { [queueNames.configurationKey]: kueueConfigurationText(plan, cluster) },
  };
}

/**
 * The door for decisions that quotas cannot make: budgets over time, single failures, ramps. No queue
 * names it yet, because a check without its controller stops every queue that does.
 */
function admissionCheckManifest(): Manifest {
  return {
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "AdmissionCheck",
    metadata: { name: queueNames.admissionCheck },
    spec: { controllerName: "ertis.kz/admission" },
  };
}

/** The scheduler's priority classes, in its order and with its names. */
const priorities = [
  { name: "low", value: 100, text: "Runs on what is left and is the first to give back." },
  { name: "normal", value: 1_000, text: "What most jobs are." },
  { name: "high", value: 10_000, text: "Before normal jobs of the same project." },
  { name: "urgent", value: 100_000, text: "Before everything else." },
] as const;

function priorityManifests(): readonly Manifest[] {
  return priorities.map(({ name, value, text }) => ({
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "WorkloadPriorityClass",
    metadata: { name },
    value,
    description: text,
  }));
}

function localQueueManifests(plan: SitePlan, projects: readonly Project[]): readonly Manifest[] {
  const research = projects.map((project) => ({
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "LocalQueue",
    metadata: {
      name: queueNames.localQueue,
      namespace: projectNamespace(project),
      labels: { [projectLabel]: project.name },
    },
    spec: {
      clusterQueue: queueNames.research,
      fairSharing: { weight: String(project.shareWeight) },
    },
  }));
  const burnIn: Manifest = {
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "LocalQueue",
    metadata: {
      name: queueNames.localQueue,
      namespace: burnInProject,
      labels: { [projectLabel]: burnInProject },
    },
    spec: { clusterQueue: queueNames.burnIn },
  };
  return plan.mode === "provisioned" ? [...research, burnIn] : research;
}
