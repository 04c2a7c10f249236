export { findCluster, type FoundCluster } from "./find-cluster.ts";
export { hostArchitecture } from "./architecture.ts";
export { annotationNames, gpuResourceName, gpuTaint, labelNames, stateTaint } from "./names.ts";
export { deliveryProblem } from "./delivery-problem.ts";
export { isStackSetting, stackSettings } from "./stack-settings.ts";
export { limitHosts } from "./limit-hosts.ts";
export { mistakeText } from "./mistake-text.ts";
export { nearestNames } from "./nearest-names.ts";
export { parsePlans } from "./parse-plans.ts";
export type {
  ClusterNetworks,
  ClusterPlan,
  GpuFactor,
  Host,
  HostRole,
  HostState,
  PowerFeed,
  SiteMode,
  SitePlan,
  WattQuota,
} from "./plan.ts";
export {
  installedPower,
  type InstalledPower,
  type PowerProblem,
  powerProblems,
} from "./power-problems.ts";
export type { FileText } from "./site-draft.ts";
export type { ParsePlansResult, SiteFiles } from "./site-files.ts";
export { sampleHalls } from "./sample-halls.ts";
export { type SiteShare, siteShares } from "./site-shares.ts";
export { wattQuota } from "./watt-quota.ts";
export { projectNames, type ProjectName, type StackName, stackNeeds } from "./projects.ts";
