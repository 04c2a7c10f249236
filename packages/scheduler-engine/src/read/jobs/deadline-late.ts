import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { nextWorkMs } from "../../placement/wanted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";

/** A job, or one task of it. */
export interface Asked {
  readonly finishedAtMs: number | undefined;
  /** Those that go on or hold nodes. */
  readonly active: readonly Pick<Attempt, "endsByMs" | "exitedAtMs">[];
  readonly isPending: boolean;
}

/**
 * How long after its deadline it ended; of one that goes on, or waits, how long after it that ends if it uses its walltime:
 * with the start that is kept for it, or else at the earliest. 0: it has no deadline, or may keep it. Estimates of a
 * start are too dear for a list, so `why` may know more.
 */
export function deadlineLateMs(state: EngineState, job: Job, asked: Asked): number {
  const { deadline } = job.spec;
  if (deadline === undefined) {
    return 0;
  }
  const deadlineMs = toNumber(deadline);
  const { endMs, soonestMs } = endOf(state, job, asked);
  return soonestMs > deadlineMs ? endMs - deadlineMs : 0;
}

/** When a job that uses its walltime is over with the start that is kept for it; undefined: none is. */
export function keptEndOf(state: EngineState, job: Job): number | undefined {
  const own = reservationOf(state, job);
  return own === undefined ? undefined : own.holdsUntilMs - stopGraceMs;
}

/** `soonestMs`: the same when it makes do with the shortest time it is content with. */
function endOf(
  state: EngineState,
  job: Job,
  { finishedAtMs, active, isPending }: Asked,
): { readonly endMs: number; readonly soonestMs: number } {
  if (finishedAtMs !== undefined) {
    return { endMs: finishedAtMs, soonestMs: finishedAtMs };
  }
  if (!isPending) {
    const endMs = active.reduce((last, one) => Math.max(last, one.exitedAtMs ?? one.endsByMs), 0);
    return { endMs, soonestMs: endMs };
  }
  const workMs = nextWorkMs(job);
  const shortestMs = Math.min(workMs, toNumber(job.spec.walltimeMin));
  const keptEndMs = keptEndOf(state, job);
  if (keptEndMs !== undefined) {
    return { endMs: keptEndMs, soonestMs: keptEndMs - (workMs - shortestMs) };
  }
  const beginMs = job.spec.beginAt === undefined ? 0 : toNumber(job.spec.beginAt);
  const endMs = Math.max(state.nowMs, beginMs) + shortestMs;
  return { endMs, soonestMs: endMs };
}
