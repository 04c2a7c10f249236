import { planWidened, type SettledPlan, speedAt, trySettled } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { foreseenLoss, type PlanFor } from "../shed/plan-together.ts";
import { describeTogether } from "./forecast-together.ts";

/** How it goes on from a moment, at which all that are in force then are planned again. */
export interface Rest extends PlanFor {
  /** Counted from the start of the curtailment. */
  readonly fromMs: number;
  readonly ceiling: Float64Array;
}

/** What the rest of a curtailment takes of a task, after a common plan that ends before it. */
export interface RestOf {
  /** Beyond what the first plan counts. */
  readonly lostMs: number;
  /** The lowest cap of that time, where it is capped; 0: it is not. */
  readonly capWatts: number;
}

/**
 * A common plan is for the time until the first of those that are planned together ends; then all are planned again. A
 * curtailment that lasts longer costs in the rest of its time what is asked for then, not what was asked before.
 */
export function restAfter(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  first: PlanFor,
): readonly Rest[] {
  const rest: Rest[] = [];
  const startMs = toNumber(record.curtailment.start);
  const endMs = toNumber(record.curtailment.end);
  let fromMs = Math.max(state.nowMs, startMs);
  let before = first;
  for (let untilMs = untilOf(before); untilMs < endMs; untilMs = untilOf(before)) {
    const others = plannedTogether(state, site, record, untilMs).filter((one) => one !== record);
    const foreseen = foreseenLoss(site, { ...before, fromMs }, untilMs);
    const moment = { atMs: untilMs, others, foreseen };
    const { ceiling, described } = describeTogether(state, site, record, moment);
    const group = [record, ...others];
    const left = { ...withOut(described, outAt(before, untilMs - fromMs)), group };
    const plan = planRest(left);
    if (plan === undefined) {
      break;
    }
    fromMs = untilMs;
    before = { described: left, plan };
    rest.push({ ...before, ceiling, fromMs: untilMs - startMs });
  }
  return rest;
}

/** Where no plan keeps all floors any more, they give way, as they will. */
function planRest({ problem }: DescribedShed): SettledPlan | undefined {
  const tried = trySettled(problem);
  return tried.kind === "plan" ? tried.plan : planWidened(problem)?.plan;
}

function untilOf({ described: { group } }: PlanFor): number {
  return Math.min(...group.map(({ curtailment }) => toNumber(curtailment.end)));
}

/** Who is paused by a plan at a moment after its beginning. */
function outAt({ described: { members }, plan }: PlanFor, intoMs: number): ReadonlySet<TaskId> {
  const out = new Set(
    plan.pauses
      .filter(({ fromMs, untilMs }) => fromMs < intoMs && untilMs > intoMs)
      .map(({ id }) => id),
  );
  return new Set(
    members.flatMap(({ shed, job, task }) =>
      out.has(shed.id) ? [taskIdOf({ job: job.number, task })] : [],
    ),
  );
}

/** To leave somebody paused costs no new checkpoint. */
function withOut(described: DescribedShed, out: ReadonlySet<TaskId>): DescribedShed {
  if (out.size === 0) {
    return described;
  }
  const members = described.members.map((one) => {
    const isOut = out.has(taskIdOf({ job: one.job.number, task: one.task }));
    return isOut ? { ...one, shed: { ...one.shed, isPausedNow: true } } : one;
  });
  return {
    ...described,
    members,
    problem: { ...described.problem, jobs: members.map((one) => one.shed) },
  };
}

/** By task: what all of the rest takes of it, after the first plan. */
export function takenByRest(first: PlanFor, rest: readonly Rest[]): ReadonlyMap<TaskId, RestOf> {
  const taken = new Map<TaskId, RestOf>();
  let before: PlanFor & { readonly fromMs: number } = { ...first, fromMs: 0 };
  for (const one of rest) {
    const counted = countedTwice(before, one.fromMs - before.fromMs);
    const caps = new Map(one.plan.caps.map(({ id, capWatts }) => [id, capWatts]));
    one.described.members.forEach(({ shed, job, task }, at) => {
      const id = taskIdOf({ job: job.number, task });
      const { lostMs = 0, capWatts = 0 } = taken.get(id) ?? {};
      const top = shed.curve.points.at(-1)?.capWatts ?? 0;
      const cap = caps.get(shed.id) ?? 0;
      const isLower = cap > 0 && cap < top && (capWatts === 0 || cap < capWatts);
      taken.set(id, {
        lostMs: lostMs + (one.plan.losses[at]?.lostMs ?? 0) - (counted.get(id) ?? 0),
        capWatts: isLower ? cap : capWatts,
      });
    });
    before = one;
  }
  return taken;
}

/**
 * Who is paused to the end of a plan reads its checkpoint after that, which the plan counts. Whether the next one leaves it
 * out or lets it back, that time is the next one's to count.
 */
function countedTwice(
  { described: { members }, plan }: PlanFor,
  lengthMs: number,
): ReadonlyMap<TaskId, number> {
  const pauses = new Map(plan.pauses.map((one) => [one.id, one]));
  const caps = new Map(plan.caps.map(({ id, capWatts }) => [id, capWatts]));
  return new Map(
    members.flatMap(({ shed, job, task }) => {
      const pause = pauses.get(shed.id);
      if (pause === undefined || pause.untilMs <= lengthMs) {
        return [];
      }
      const lateMs = shed.returnsLateMs ?? 0;
      const awayMs = pause.untilMs - pause.fromMs + lateMs;
      const afterMs = pause.untilMs + lateMs - lengthMs;
      // Nobody loses more than all of the time of a plan.
      const twiceMs = Math.min(lengthMs, awayMs) - Math.min(lengthMs, awayMs - afterMs);
      const speed = speedAt(shed.curve, caps.get(shed.id) ?? shed.capNowWatts);
      // What the checkpoint takes to be read costs as much at any speed.
      const readMs = Math.min(twiceMs, shed.restoreMs);
      return [[taskIdOf({ job: job.number, task }), readMs + (twiceMs - readMs) * speed] as const];
    }),
  );
}
