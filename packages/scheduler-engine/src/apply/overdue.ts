import { overdueFromMs } from "../power/attempt-ends.ts";
import { rerank } from "../power/attempt-ranks.ts";
import { refreshNode } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";

/** An attempt was told to stop, or has exited: its nodes are to say when they are free. */
export function awaitStop({ stops }: EngineState, attempt: Attempt): void {
  const atMs = overdueFromMs(attempt);
  if (atMs < Infinity) {
    stops.push({ atMs, attempt });
  }
}

/**
 * Plans no longer count on an attempt whose nodes should have confirmed its stop and have not: what is promised or started beside
 * it leaves it its GPUs and watts until they do.
 */
export function findOverdue(state: EngineState): void {
  const { stops, nowMs } = state;
  for (let next = stops.peek(); next !== undefined && next.atMs <= nowMs; next = stops.peek()) {
    stops.pop();
    const { attempt } = next;
    if (attempt.heldNodes.length > 0 && !attempt.isOverdue) {
      const site = known(state.sites.get(attempt.placement.site), "site of an attempt");
      attempt.isOverdue = true;
      rerank(site, attempt);
      attempt.heldNodes.forEach((node) => refreshNode(site, node));
    }
  }
}
