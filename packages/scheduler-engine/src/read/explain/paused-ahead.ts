import { toNumber } from "@ertis/quantities";
import { answeringPools, findStart, reservationOf } from "../../placement/find.ts";
import { waitingIn, type WaitingTask } from "../../placement/kept-for-returns.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** A job that was paused for a curtailment, or a lost supply, and goes first. */
export interface PausedAhead {
  readonly job: JobNumber;
  readonly domain: string;
  /** Absent: the supply of that domain is lost. */
  readonly curtailment?: { readonly id: string; readonly untilMs: number };
}

interface PausedAheadFormat {
  readonly time: (epochMs: number) => string;
  readonly domain: (id: string) => string;
}

/** What keeps a job back that has room, GPUs and watts; undefined: no paused job does. */
export function pausedAhead(state: EngineState, job: Job): PausedAhead | undefined {
  const waiting = answeringPools(state, job).flatMap(({ site }) => waitingIn(state, site, job));
  const [first] = waiting;
  if (first === undefined) {
    return undefined;
  }
  const own = reservationOf(state, job);
  const start = withLifted(own === undefined ? [] : [own], () => findStart(state, job, own));
  return start === undefined ? toldOf(state, first) : undefined;
}

function toldOf(state: EngineState, { paused, over, domains }: WaitingTask): PausedAhead {
  const [one] = over;
  const site = known(state.sites.get(paused.site), "site of a paused task");
  const domain = known(site.site.domains[domains[0] ?? -1], "domain of a paused task").id;
  const curtailment = one && { id: one.id, untilMs: toNumber(one.end) };
  return { job: paused.job, domain, ...(curtailment && { curtailment }) };
}

/** Why who would fit waits for a paused job. */
export function pausedAheadText(
  { job, domain, curtailment }: PausedAhead,
  { time, domain: show }: PausedAheadFormat,
): string {
  return curtailment === undefined
    ? `would fit, but job ${job} was paused since a supply of ${show(domain)} is lost, and comes back first`
    : `would fit, but curtailment "${curtailment.id}" of ${show(domain)} has paused job ${job}, which comes back first; it is over at ${time(curtailment.untilMs)}`;
}
