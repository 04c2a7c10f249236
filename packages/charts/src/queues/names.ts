import type { ClusterPlan } from "@ertis/provisioning-model";

/** Fixed names of the queue objects: a cluster holds one hall, so none needs the hall in its name. */
export const queueNames = {
  namespace: "kueue-system",
  /** Where the controller's configuration is written for people, policy and local runs to read. */
  configuration: "kueue-configuration",
  configurationKey: "controller_manager_config.yaml",
  topology: "power-tree",
  hallFlavor: "hall-power",
  siteFlavor: "site-power",
  siteCohort: "site",
  hallCohort: "hall",
  research: "research",
  burnIn: "burn-in",
  /** The name Kueue assumes for jobs that name no queue. */
  localQueue: "default",
  admissionCheck: "ertis",
} as const;

/** Watts as resources: what GPUs of a job add in the hall, and at the feed of the site. */
export const wattResources = {
  hall: "ertis.kz/hall-watts",
  site: "ertis.kz/site-watts",
} as const;

/** What NVIDIA's device plugin calls a GPU of any model; it cannot be told another name. */
export const anyGpuResource = "nvidia.com/gpu";

/** Whether a GPU of the hall is known by that one name: its classes have one model between them. */
export function hasOneModel(cluster: ClusterPlan): boolean {
  return new Set(cluster.nodeClasses.map(({ gpuModel }) => gpuModel)).size === 1;
}
