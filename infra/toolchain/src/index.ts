export { type BuildOptions, type BuildResult } from "./build/build-toolchain.ts";
export { freePorts } from "./clusters/free-ports.ts";
export { clusterStatus, type ClusterStatus } from "./clusters/cluster-status.ts";
export { endLocalWorld } from "./clusters/end-local-world.ts";
export { localClusterNames, managementName } from "./clusters/local-clusters.ts";
export { kwokNodes } from "./clusters/kwok-nodes.ts";
export type { Manifest } from "./clusters/manifest.ts";
export {
  clusterParts,
  startCluster,
  stopCluster,
  type ClusterOptions,
  type RunningCluster,
} from "./clusters/start-cluster.ts";
export { crdSource, type CrdSource } from "./crds/crd-source.ts";
export { crdFamilies, type CrdFamily } from "./crds/families.ts";
export { playedControllers, type PlayedController } from "./doctor/played-controllers.ts";
export { engineEnvironment, type EngineOptions } from "./engine/engine-environment.ts";
export { namedBackend, withoutSidecars } from "./engine/state-url.ts";
export { findToolchain } from "./find-toolchain.ts";
export type { Part, PartName } from "./parts.ts";
export { definitionsDirectory, stateDirectory } from "./paths.ts";
export { markProcess, type ProcessMark } from "./programs/processes.ts";
export { missingParts, programPath, type Toolchain } from "./toolchain.ts";
export { withLock } from "./programs/lock.ts";
