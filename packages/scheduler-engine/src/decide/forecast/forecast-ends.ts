import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { addAboveIdle } from "../../power/above-idle.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
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
  { curtailment, described, plan }: Planned,
): ForeseenEnds {
  const startMs = toNumber(curtailment.start);
  const before = [...site.attempts]
    .filter(
      ({ phase, endsByMs }) => (phase === "starting" || phase === "running") && endsByMs <= startMs,
    )
    .toSorted((a, b) => a.endsByMs - b.endsByMs)
    .map((attempt) => {
      const load = new Float64Array(site.usableScaled.length);
      addAboveIdle(site, attempt, load, 1);
      return { untilMs: attempt.endsByMs - startMs, scaled: load[domain] ?? 0 };
    })
    .filter(({ scaled }) => scaled > 0);
  return { before, ofJobs: endsOfJobs({ curtailment, described, plan }) };
}

interface Planned {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
}

/** Later by what each loses meanwhile. Who pauses or shrinks goes on as another attempt, of which nothing is known yet. */
function endsOfJobs({ curtailment, described, plan }: Planned): ReadonlyMap<number, number> {
  const startMs = toNumber(curtailment.start);
  const lengthMs = toNumber(curtailment.end) - startMs;
  const stopping = new Set([...plan.pauses, ...plan.shrinks].map(({ id }) => id));
  const lost = new Map(plan.losses.map(({ id, lossAverage }) => [id, lossAverage * lengthMs]));
  return new Map(
    described.members.flatMap(({ shed: { id }, attempt }) =>
      attempt === undefined || stopping.has(id)
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
