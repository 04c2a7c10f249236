import type { SettledPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { Leaving } from "../../power/above-idle.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";

/** Ends by walltimes, which are the latest, counted from the start of a curtailment. */
export interface ForeseenEnds {
  /** Of what runs now and is gone by the start, the first to end first: what its domain carries for it until then. */
  readonly before: readonly { readonly untilMs: number; readonly scaled: number }[];
  /** Until when jobs of the plan run, by their place there; absent: nobody knows. */
  readonly ofJobs: ReadonlyMap<number, number>;
}

/** So many ends before the start are told by themselves; of more, those in between count with the next one. */
const endsMax = 10;

/** What ends before a curtailment, and what it plans for, as its walltimes say. */
export function foreseenEnds(
  site: SiteState,
  domain: number,
  { curtailment, described, plan, outs, fromMs = 0 }: Planned,
): ForeseenEnds {
  const startMs = toNumber(curtailment.start);
  const planned = new Set(described.members.map(({ attempt }) => attempt));
  const leaving = new Leaving(site);
  const before = [...site.attempts]
    .filter(
      (one) =>
        (one.phase === "starting" || one.phase === "running") &&
        one.endsByMs <= startMs + fromMs &&
        !planned.has(one),
    )
    .toSorted((a, b) => a.endsByMs - b.endsByMs)
    .map((attempt) => {
      const load = new Float64Array(site.usableScaled.length);
      leaving.add(attempt, load, 1);
      return { untilMs: attempt.endsByMs - startMs, scaled: load[domain] ?? 0 };
    })
    .filter(({ scaled }) => scaled > 0);
  return { before, ofJobs: endsOfJobs({ curtailment, described, plan, outs }) };
}

interface Planned {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: SettledPlan;
  /** Who pauses some time. */
  readonly outs: ReadonlyMap<TaskId, unknown>;
  /** From when on it is planned, counted from the start. Absent: from there. */
  readonly fromMs?: number;
}

/** Later by what each loses meanwhile. Who pauses or shrinks goes on as another attempt, of which nothing is known yet. */
function endsOfJobs({ curtailment, described, plan, outs }: Planned): ReadonlyMap<number, number> {
  const startMs = toNumber(curtailment.start);
  const lengthMs = toNumber(curtailment.end) - startMs;
  const shrinking = new Set(plan.shrinks.map(({ id }) => id));
  const lost = new Map(plan.losses.map(({ id, lossAverage }) => [id, lossAverage * lengthMs]));
  return new Map(
    described.members.flatMap(({ shed: { id }, job, task, attempt }) =>
      attempt === undefined || shrinking.has(id) || outs.has(taskIdOf({ job: job.number, task }))
        ? []
        : [[id, attempt.endsByMs - startMs + (lost.get(id) ?? 0)] as const],
    ),
  );
}

/** The moments at which a course before the start is told: the last end is always one. */
export function endMoments({ before }: ForeseenEnds): readonly number[] {
  const moments = [...new Set(before.map(({ untilMs }) => untilMs))].toReversed();
  const every = Math.ceil(moments.length / endsMax);
  return moments.filter((_, at) => at % every === 0);
}
