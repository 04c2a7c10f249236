export { contentHash } from "./content-hash.ts";
export type { Manifest, ManifestMetadata } from "./manifest.ts";
export { renderChart } from "./render-chart.ts";
export { renderStack, type StackName } from "./render-stack.ts";
export { clusterManifests } from "./clusters/cluster-manifests.ts";
export type { Infrastructure } from "./clusters/infrastructure.ts";
export { inventoryManifests } from "./inventory/inventory-manifests.ts";
export { hostLabels } from "./inventory/host-labels.ts";
export { registeredClusterManifests } from "./registered/registered-cluster-manifests.ts";
