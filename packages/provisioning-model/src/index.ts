export { annotationNames, gpuTaint, labelNames, stateTaint } from "./names.ts";
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
