import {
  addonsOf,
  clusterManifests,
  inventoryManifests,
  managementManifests,
  platformManifests,
  queueManifests,
  registeredClusterManifests,
} from "@ertis/charts";
import type { SitePlan } from "@ertis/provisioning-model";
import type { StackEntry } from "./stack-list.ts";

/** The stack itself, the provider, and the component around the objects. */
const frameCount = 3;
/** A component and the release in it. */
const resourcesPerAddon = 2;

/**
 * Resources of a stack in the engine's state. Undefined where the charts do not tell: the limit of 1,500
 * matters for halls, and theirs are all told.
 */
export function expectedResources(
  { project, of }: StackEntry,
  plans: readonly SitePlan[],
): number | undefined {
  const objects = countObjects({ project, of }, plans);
  if (objects === undefined) {
    return undefined;
  }
  const addonCount =
    project === "management" || project === "platform" || project === "queues"
      ? addonsOf(project).length
      : 0;
  // The provider of a hall's own cluster comes with the Secret that is read for it.
  const readCount = project === "platform" || project === "queues" ? 2 : 0;
  return frameCount + objects + addonCount * resourcesPerAddon + readCount;
}

function countObjects(
  { project, of }: Pick<StackEntry, "project" | "of">,
  plans: readonly SitePlan[],
): number | undefined {
  switch (project) {
    case "management":
      return managementManifests(plans).length;
    case "inventory":
      return of.kind === "hall" ? inventoryManifests(of.plan, of.cluster).length : undefined;
    case "clusters":
      return of.kind === "hall"
        ? clusterManifests(of.plan, of.cluster, { infrastructure: "metal3" }).length
        : of.kind === "registered"
          ? registeredClusterManifests(of.plan).length
          : undefined;
    case "platform":
      return of.kind === "hall" ? platformManifests(of.plan, of.cluster).length : undefined;
    case "queues":
      return of.kind === "hall" ? queueManifests(of.plan, of.cluster).length : undefined;
    case "scheduler":
      return undefined;
  }
}
