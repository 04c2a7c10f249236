import type { AttemptRecord } from "./attempt-record.ts";
import type { ClusterContext } from "./cluster-context.ts";

export function runsAt({ heap }: ClusterContext, { key }: AttemptRecord, atMs: number): void {
  const { job, task, attempt } = key;
  heap.push({ atMs, kind: "attempt-runs", job, task, attempt, node: -1 });
}

/** An exit planned before is void: the record says which one counts. */
export function exitAt({ heap }: ClusterContext, record: AttemptRecord, atMs: number): void {
  record.exitAtMs = atMs;
  const { job, task, attempt } = record.key;
  heap.push({ atMs, kind: "attempt-exits", job, task, attempt, node: -1 });
}
