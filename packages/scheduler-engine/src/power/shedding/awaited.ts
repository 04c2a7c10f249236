import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/** Would a paused task start if it could? What its owner holds waits for its owner, and nothing waits for it. */
export function isAwaited({ jobs }: EngineState, { job: number }: PausedTask): boolean {
  const job = jobs.get(number);
  return job !== undefined && !job.isHeld && !job.isCancelled;
}
