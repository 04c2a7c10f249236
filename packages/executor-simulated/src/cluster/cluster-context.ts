import type { AttemptKey } from "@ertis/scheduler-engine";
import type { EventHeap } from "./event-heap.ts";
import type { NodeTable } from "./node-table.ts";
import type { Outbox } from "./outbox.ts";
import type { Physics } from "./physics.ts";
import type { ViolationKind, ViolationLog } from "./violations.ts";

/** What the parts of one cluster share. Its time is set by the cluster alone. */
export interface ClusterContext {
  readonly seed: number;
  readonly physics: Physics;
  readonly nodes: NodeTable;
  readonly heap: EventHeap;
  readonly outbox: Outbox;
  readonly violations: ViolationLog;
  nowMs: number;
}

export function violate(
  context: ClusterContext,
  kind: ViolationKind,
  attempt: AttemptKey,
  detail: string,
): void {
  context.violations.add({ kind, atMs: context.nowMs, attempt, detail });
}
