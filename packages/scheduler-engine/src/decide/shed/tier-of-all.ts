import type { LongerEvent } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { isBelow } from "../../power/shedding/effects.ts";
import {
  pausedMember,
  runningMember,
  type ShedContext,
  type ShedMember,
} from "../../power/shedding/shed-jobs.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { ShedWish } from "./shed-wish.ts";

/**
 * A job that several curtailments are over may lose in the time of this plan what each of them allows: of
 * what it may still lose to one that lasts longer than the plan the even part, or if need be all.
 */
export function tierOfAll(
  context: ShedContext,
  group: readonly CurtailmentRecord[],
  wish: ShedWish,
): (member: ShedMember) => ShedMember {
  const [first] = group;
  if (group.length <= 1 && wish.untilMs === undefined && wish.foreseen === undefined) {
    return (member) => member;
  }
  const fromMs = Math.max(context.state.nowMs, wish.atMs);
  const untilMs = wish.untilMs ?? (first === undefined ? fromMs : toNumber(first.curtailment.end));
  const windowMs = Math.max(1, untilMs - fromMs);
  const eventMs = first === undefined ? 1 : untilMs - toNumber(first.curtailment.start);
  return (member) => {
    const { shed, nodes } = member;
    let lossMsSoFar = first === undefined ? shed.lossMsSoFar : 0;
    const longer: LongerEvent[] = [];
    for (const record of group) {
      const isOver =
        (record === first && wish.record !== undefined) ||
        isBelow(context.site, nodes, record.curtailment.domain);
      if (isOver) {
        const left = lossLeft({ ...context, record }, member, wish);
        const isLonger = toNumber(record.curtailment.end) > untilMs;
        const isEven = isLonger && (wish.allowance ?? "even") === "even";
        const allowed = isEven ? left.lossMs * Math.min(1, windowMs / left.restMs) : left.lossMs;
        lossMsSoFar = Math.max(lossMsSoFar, shed.tierLossMax * eventMs - allowed);
        if (isLonger) {
          longer.push(left);
        }
      }
    }
    return { ...member, shed: { ...shed, lossMsSoFar, longer } };
  };
}

/** What a job may still lose to a curtailment, and in how long a time. */
function lossLeft(
  context: ShedContext & { readonly record: CurtailmentRecord },
  { shed, job, task, attempt }: ShedMember,
  { foreseen }: Pick<ShedWish, "foreseen">,
): LongerEvent & { readonly lossMs: number } {
  const { record, state } = context;
  const id = taskIdOf({ job: job.number, task });
  const paused = state.curtailments.paused.get(id);
  const other =
    attempt === undefined
      ? paused && pausedMember(context, job, paused)
      : runningMember(context, attempt);
  const toCome = foreseen?.of.includes(record) === true ? (foreseen.lostMs.get(id) ?? 0) : 0;
  const lossMsSoFar = (other?.shed.lossMsSoFar ?? 0) + toCome;
  const eventMs = lengthMs(record);
  const restMs = restAtMs(record, foreseen?.atMs ?? state.nowMs);
  return { eventMs, restMs, lossMsSoFar, lossMs: shed.tierLossMax * eventMs - lossMsSoFar };
}

function lengthMs(record: CurtailmentRecord | undefined): number {
  const curtailment = record?.curtailment;
  return curtailment === undefined ? 1 : toNumber(curtailment.end) - toNumber(curtailment.start);
}

function restAtMs(record: CurtailmentRecord | undefined, atMs: number): number {
  const startMs = record === undefined ? 0 : toNumber(record.curtailment.start);
  return Math.max(1, lengthMs(record) - Math.max(0, atMs - startMs));
}
