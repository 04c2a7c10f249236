import {
  addonsOf,
  clusterManifests,
  inventoryManifests,
  managementManifests,
  platformManifests,
  queueManifests,
  registeredClusterManifests,
  schedulerManifests,
} from "@ertis/charts";
import type { ClusterPlan, ProjectName, SitePlan } from "@ertis/provisioning-model";
import { loadSiteTexts } from "@ertis/provisioning-model/load";
import type { StackEntry } from "./stack-list.ts";

/** The stack itself, the provider, and the component around the objects. */
const frameCount = 3;
/** A component and the release in it. */
const resourcesPerAddon = 2;

/** How many resources a stack makes, as a preview counts them: what it only reads is not among them. */
export function expectedResources({ project, of }: StackEntry, plans: readonly SitePlan[]): number {
  const addonCount =
    project === "management" || project === "platform" || project === "queues"
      ? addonsOf(project).length
      : 0;
  // A hall's own cluster has a provider of its own.
  const providerCount = project === "platform" || project === "queues" ? 1 : 0;
  return (
    frameCount +
    manifestsOf({ project, of }, plans).length +
    addonCount * resourcesPerAddon +
    providerCount
  );
}

function manifestsOf(
  { project, of }: Pick<StackEntry, "project" | "of">,
  plans: readonly SitePlan[],
): readonly unknown[] {
  switch (of.kind) {
    case "all sites":
      return project === "management"
        ? managementManifests(plans)
        : schedulerManifests(plans, { siteTexts: loadSiteTexts(plans) });
    case "registered":
      return project === "clusters"
        ? registeredClusterManifests(of.plan)
        : queueManifests(of.plan, of.plan.clusters[0]);
    case "hall":
      return hallManifests(project, of.plan, of.cluster);
  }
}

function hallManifests(
  project: ProjectName,
  plan: SitePlan,
  cluster: ClusterPlan,
): readonly unknown[] {
  switch (project) {
    case "inventory":
      return inventoryManifests(plan, cluster);
    case "clusters":
      return clusterManifests(plan, cluster, { infrastructure: "metal3" });
    case "platform":
      return platformManifests(plan, cluster);
    case "queues":
      return queueManifests(plan, cluster);
    case "management":
    case "scheduler":
      return [];
  }
}
