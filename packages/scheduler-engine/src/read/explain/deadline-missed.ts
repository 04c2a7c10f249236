import { toNumber } from "@ertis/quantities";
import { nextWorkMs } from "../../placement/wanted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Job } from "../../state/job.ts";
import { keptEndOf } from "../jobs/deadline-late.ts";
import type { Explanation } from "./explanation.ts";

/** A deadline, and the end after it of a job that uses its walltime. */
export interface DeadlineMissed {
  readonly deadlineMs: number;
  readonly endMs: number;
  /**
   * What the end follows from: a start that is `kept`, at the latest; one that is `estimated`, by about; the earliest
   * start if `nothing-ends-early`, at the earliest; or its `walltime` alone, at the earliest, whatever becomes of others.
   */
  readonly by: "kept" | "estimated" | "nothing-ends-early" | "walltime";
}

type Starts = Pick<Explanation, "reason" | "startLowerBoundMs" | "startOptions" | "beginAtMs">;

/**
 * Undefined: it has no deadline, or may end by then with the start that it is told.
 *
 * @param keptEndMs when a job that uses its walltime is over with the start that is, or would be, kept for it
 */
export function deadlineMissed(
  state: EngineState,
  job: Job,
  starts: Starts,
  keptEndMs: number | undefined = keptEndOf(state, job),
): DeadlineMissed | undefined {
  const { deadline } = job.spec;
  const { reason } = starts;
  if (deadline === undefined || reason === "finished" || reason === "stopping") {
    return undefined;
  }
  const deadlineMs = toNumber(deadline);
  if (job.pending.length === 0) {
    const endMs = activeAttempts(job).reduce((last, one) => Math.max(last, one.endsByMs), 0);
    return endMs > deadlineMs ? { deadlineMs, endMs, by: "walltime" } : undefined;
  }
  const end = endOf(state, job, starts, keptEndMs);
  const isMissed = end.soonestMs > deadlineMs && end.endMs < Infinity;
  return isMissed ? { deadlineMs, endMs: end.endMs, by: end.by } : undefined;
}

interface End extends Pick<DeadlineMissed, "endMs" | "by"> {
  /** The same when it makes do with the shortest time it is content with. */
  readonly soonestMs: number;
}

/** By the start that says most: one that is kept, else an estimate, else the earliest, else now. */
function endOf(
  { nowMs }: EngineState,
  job: Job,
  { startLowerBoundMs = 0, startOptions, beginAtMs = 0 }: Starts,
  keptEndMs: number | undefined,
): End {
  const workMs = nextWorkMs(job);
  const shortestMs = Math.min(workMs, toNumber(job.spec.walltimeMin));
  const spareMs = workMs - shortestMs;
  if (keptEndMs !== undefined) {
    return { endMs: keptEndMs, soonestMs: keptEndMs - spareMs, by: "kept" };
  }
  const estimatedMs = startOptions.reduce(
    (least, { isEstimate, endsByMs = Infinity }) =>
      isEstimate ? Math.min(least, endsByMs) : least,
    Infinity,
  );
  if (estimatedMs < Infinity) {
    return { endMs: estimatedMs, soonestMs: estimatedMs - spareMs, by: "estimated" };
  }
  const soonestStartMs = Math.max(nowMs, beginAtMs);
  const isBound = startLowerBoundMs > soonestStartMs;
  const endMs = Math.max(startLowerBoundMs, soonestStartMs) + shortestMs;
  return { endMs, soonestMs: endMs, by: isBound ? "nothing-ends-early" : "walltime" };
}
