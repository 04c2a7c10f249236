export { runEngine, type EngineCommand, type EngineResult } from "./engine/run-engine.ts";
export { runGuarded, type GuardedResult } from "./engine/run-guarded.ts";
export type { PropertyChange, ResourceChange, RunSummary } from "./engine/run-summary.ts";
export { type PlayedKind } from "./local-world/rows.ts";
export { processTable, type RunningProcess } from "./processes/process-table.ts";
export { type Recovery } from "./recovery/recover.ts";
export { exportState, type StackState } from "./recovery/state-export.ts";
export { type StackEntry } from "./stacks/stack-list.ts";
export {
  openWorkspace,
  type StackWorkspace,
  type WorkspaceOptions,
} from "./state/stack-workspace.ts";
