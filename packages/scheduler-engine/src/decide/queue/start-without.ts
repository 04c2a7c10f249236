import { withLifted } from "../../power/what-if/lifted.ts";
import { preemptsBeforeMs, wakeMs } from "../../limits.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import type { PlannedStart } from "../../placement/plan-start.ts";
import { startOnSleepers } from "../../placement/start-on-sleepers.ts";
import { nextWorkMs } from "../../placement/wanted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { wakeLeadOf } from "../../state/ramps.ts";
import type { Preemption } from "./preempt.ts";

/**
 * A start on nodes that come back from a curtailment by themselves for which a job waits, and stops nobody: they are let in
 * as soon as a start for which nobody is stopped, or so soon that waiting costs fewer GPU hours than its victims would
 * lose. The promise is for the latest moment; it starts as soon as they are let in.
 */
export function startWithout(
  state: EngineState,
  job: Job,
  found: Preemption,
): PlannedStart | undefined {
  const own = reservationOf(state, job);
  const starts = poolsWithoutPaused(state, job).flatMap(
    (pool) =>
      withLifted(own === undefined ? [] : [own], () => startOnSleepers(state, pool, job)) ?? [],
  );
  const [first] = starts.toSorted((a, b) => a.startAtMs - b.startAtMs);
  if (first === undefined) {
    return undefined;
  }
  const { pool, startAtMs, endsByMs, nodes } = first;
  const earlierMs = wakeLeadOf(state.ramps.get(pool.site.site.id));
  const laterMs = endsByMs - earlierMs + wakeMs - found.startAtMs - nextWorkMs(job);
  const waitGpuMs = laterMs * nodes.length * job.spec.gpusPerNode;
  const isSoon = startAtMs - earlierMs - state.nowMs <= preemptsBeforeMs;
  return isSoon || waitGpuMs <= found.lossGpuMs ? first : undefined;
}
