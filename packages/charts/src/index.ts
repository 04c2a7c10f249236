export { contentHash } from "./content-hash.ts";
export type { Manifest, ManifestMetadata } from "./manifest.ts";
export { renderChart } from "./render-chart.ts";
export { renderStack, type StackName } from "./render-stack.ts";
export { clusterManifests } from "./clusters/cluster-manifests.ts";
export { clusterProblems } from "./clusters/cluster-problems.ts";
export type { Infrastructure } from "./clusters/infrastructure.ts";
export { inventoryManifests } from "./inventory/inventory-manifests.ts";
export { hostLabels } from "./inventory/host-labels.ts";
export { registeredClusterManifests } from "./registered/registered-cluster-manifests.ts";
export { managementManifests } from "./management/management-manifests.ts";
export { sharedSite } from "./management/shared-site.ts";
export {
  addonValues,
  controlPlaneSelector,
  controlPlaneTolerations,
  type AddonDescription,
  type AddonPlace,
  type AddonProject,
  type AddonValues,
  type ChartSource,
  type HealthCheck,
} from "./addons/addon.ts";
export { addonNamespaces, addons, addonsOf } from "./addons/addons.ts";
export {
  chartList,
  type ChartEntry,
  imageList,
  type ImageEntry,
  type MirrorEntry,
} from "./images/image-list.ts";
export { artifactList, type ArtifactEntry, fileList, type FileEntry } from "./images/file-list.ts";
export { clusterPolicyValues } from "./addons/gpu-operator.ts";
export { parseImage, siteChart, siteImage, siteRepository } from "./images/site-image.ts";
export { platformManifests } from "./platform/platform-manifests.ts";
export { systemNamespaces } from "./platform/names.ts";
export {
  kueueConfiguration,
  type KueueConfiguration,
  kueueConfigurationText,
  type ResourceTransformation,
} from "./queues/kueue-configuration.ts";
export { anyGpuResource, queueNames, wattResources } from "./queues/names.ts";
export {
  defaultProjects,
  type Project,
  projectLabel,
  projectNamespace,
} from "./queues/projects.ts";
export { queueManifests } from "./queues/queue-manifests.ts";
export { probeScript } from "./scheduler/probe-script.ts";
export { type SchedulerOptions, schedulerManifests } from "./scheduler/scheduler-manifests.ts";
export type { SiteText } from "./scheduler/server-configuration.ts";
export {
  type AddonVersionName,
  isTestedKubernetes,
  type KubernetesSeries,
  type Pinned,
  type PinnedChart,
  untestedKubernetes,
  type Versions,
  versions,
} from "./versions.ts";
