import { toNumber } from "@ertis/quantities";
import { answeringPools, findStart, reservationOf } from "../../placement/find.ts";
import { waitingIn, type WaitingTask } from "../../placement/kept-for-returns.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { recoveredAtMs } from "../../power/recovery.ts";
import { pausedBy } from "../jobs/paused-by.ts";
import { taskNames } from "./task-names.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** A job that was paused for a curtailment, or a lost supply, and goes first. */
export interface PausedAhead {
  readonly job: JobNumber;
  /** Of an array; empty: it is none. */
  readonly tasks: readonly number[];
  /** They are tasks of the job that is asked for. */
  readonly isOwn: boolean;
  readonly domain: string;
  /** Absent: the supply of that domain is lost. */
  readonly curtailment?: {
    readonly id: string;
    /** When it is over; of one that is, when it has given its watts back. */
    readonly untilMs: number;
    readonly isOver: boolean;
  };
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
  return start === undefined ? toldOf(state, job, first, waiting) : undefined;
}

function toldOf(
  state: EngineState,
  asked: Job,
  first: WaitingTask,
  waiting: readonly WaitingTask[],
): PausedAhead {
  const { paused, over, domains } = first;
  const one = takenBy(state, first);
  const site = known(state.sites.get(paused.site), "site of a paused task");
  const at = domains[one === undefined ? 0 : over.indexOf(one)];
  const domain = known(site.site.domains[at ?? -1], "domain of a paused task").id;
  const isArray = (state.jobs.get(paused.job)?.spec.taskCount ?? 1) > 1;
  const alike = waiting.filter(
    (other) => other.paused.job === paused.job && takenBy(state, other)?.id === one?.id,
  );
  return {
    job: paused.job,
    tasks: isArray ? alike.map((other) => other.paused.task) : [],
    isOwn: paused.job === asked.number,
    domain,
    ...(one && { curtailment: untilOf(state, one) }),
  };
}

/** The one that paused it, or else another one over it. */
function takenBy(state: EngineState, { paused, over }: WaitingTask): Curtailment | undefined {
  const id = pausedBy(state, paused);
  return over.find((one) => one.id === id) ?? over[0];
}

function untilOf(
  { nowMs }: EngineState,
  one: Curtailment,
): NonNullable<PausedAhead["curtailment"]> {
  const isOver = toNumber(one.end) <= nowMs;
  return { id: one.id, untilMs: isOver ? recoveredAtMs(one) : toNumber(one.end), isOver };
}

/** Why who would fit waits for a paused job. */
export function pausedAheadText(
  { job, tasks, isOwn, domain, curtailment }: PausedAhead,
  { time, domain: show }: PausedAheadFormat,
): string {
  const named = isOwn ? `its ${taskNames(tasks)}` : `${taskNames(tasks)} of job ${job}`;
  const whom = tasks.length === 0 ? `job ${job}` : named;
  const isOne = tasks.length < 2;
  const comes = isOne ? "comes" : "come";
  if (curtailment === undefined) {
    return `would fit, but ${whom} ${isOne ? "was" : "were"} paused since a supply of ${show(domain)} is lost, and ${comes} back first`;
  }
  const { id, untilMs, isOver } = curtailment;
  const until = isOver
    ? `it is over and gives its watts back until ${time(untilMs)}`
    : `it is over at ${time(untilMs)}`;
  return `would fit, but curtailment "${id}" of ${show(domain)} has paused ${whom}, which ${comes} back first; ${until}`;
}
