import { toNumber } from "@ertis/quantities";
import { answeringPools, findStart, reservationOf } from "../../placement/find.ts";
import { waitingIn } from "../../placement/kept-for-returns.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** A job that was paused for a curtailment and goes first. */
export interface PausedAhead {
  readonly job: JobNumber;
  readonly curtailment: string;
  readonly domain: string;
  readonly untilMs: number;
}

/** What keeps a job back that has room, GPUs and watts; undefined: no paused job does. */
export function pausedAhead(state: EngineState, job: Job): PausedAhead | undefined {
  const waiting = answeringPools(state, job).flatMap(({ site }) => waitingIn(state, site, job));
  const first = waiting[0];
  const [curtailment] = first?.over ?? [];
  if (first === undefined || curtailment === undefined) {
    return undefined;
  }
  const own = reservationOf(state, job);
  const start = withLifted(own === undefined ? [] : [own], () => findStart(state, job, own));
  const { id, domain, end } = curtailment;
  return start === undefined
    ? { job: first.paused.job, curtailment: id, domain, untilMs: toNumber(end) }
    : undefined;
}
