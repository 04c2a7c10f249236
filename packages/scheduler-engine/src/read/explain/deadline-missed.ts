import { toNumber } from "@ertis/quantities";
import { nextWorkMs } from "../../placement/wanted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Job } from "../../state/job.ts";
import type { Explanation } from "./explanation.ts";

/** When a job that uses its walltime ends at the earliest, and its deadline, which is before that. */
export interface DeadlineMissed {
  readonly deadlineMs: number;
  readonly endMs: number;
}

/** Undefined: it has no deadline, or may end by then. */
export function deadlineMissed(
  state: EngineState,
  job: Job,
  { reason, startLowerBoundMs }: Pick<Explanation, "reason" | "startLowerBoundMs">,
): DeadlineMissed | undefined {
  const { deadline, walltimeMin } = job.spec;
  if (deadline === undefined || reason === "finished" || reason === "stopping") {
    return undefined;
  }
  // What bends is done soonest with the shortest time it is content with.
  const lengthMs = Math.min(nextWorkMs(job), toNumber(walltimeMin));
  const endMs =
    job.pending.length === 0
      ? activeAttempts(job).reduce((last, one) => Math.max(last, one.endsByMs), 0)
      : Math.max(startLowerBoundMs ?? 0, state.nowMs) + lengthMs;
  const deadlineMs = toNumber(deadline);
  return endMs > deadlineMs && endMs < Infinity ? { deadlineMs, endMs } : undefined;
}
