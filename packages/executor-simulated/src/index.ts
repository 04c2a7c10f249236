export { createSimulatedCluster } from "./cluster/create-cluster.ts";
export type {
  ClusterInventory,
  RealizeResult,
  SimulatedCluster,
  SimulatedClusterOptions,
  TakeSiteResult,
} from "./cluster/simulated-cluster.ts";
export { outcomeDirective, runtimeDirective } from "./cluster/attempt-plan.ts";
export type { AttemptPhase } from "./cluster/attempt-record.ts";
export type { ClusterSite } from "./cluster/cluster-site.ts";
export type { NodeState } from "./cluster/node-table.ts";
export type { NumberedObservation } from "./cluster/outbox.ts";
export { type Physics } from "./cluster/physics.ts";
export {
  forkStream,
  type IntegerRange,
  type RandomStream,
  type Ratio,
} from "./cluster/random-stream.ts";
export type { Violation, ViolationKind } from "./cluster/violations.ts";
export {
  createInProcessExecutor,
  type InProcessExecutor,
  type InProcessExecutorOptions,
} from "./in-process-executor.ts";
export {
  createSteppedClock,
  settleAll,
  type QuietPart,
  type SteppedClock,
} from "./stepped-clock.ts";
export { readClusterStatus } from "./process/cluster-status.ts";
export { ClusterSupervisor, type ClusterSupervisorOptions } from "./process/cluster-supervisor.ts";
export type { ClusterProcessFile } from "./process/process-file.ts";
export { createSocketExecutor, type SocketExecutorOptions } from "./process/socket-executor.ts";
export {
  endClusterProcess,
  spawnClusterProcess,
  type RunningClusterProcess,
  type SpawnClusterProcessOptions,
} from "./process/spawn-cluster-process.ts";
export type { ClusterStatus } from "./process/wire.ts";
