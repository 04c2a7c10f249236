export { contentHash } from "./content-hash.ts";
export type { Manifest, ManifestMetadata } from "./manifest.ts";
export { renderChart } from "./render-chart.ts";
export { renderStack, type StackName } from "./render-stack.ts";
