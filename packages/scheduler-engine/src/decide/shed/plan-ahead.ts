import type { SettledPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { nextInGroup, plannedTogether } from "../../power/shedding/planned-group.ts";
import { nodesForReturn } from "../../power/shedding/sleepers.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { sleepersOf, sleepInStages, sleepNow } from "../nodes/sleep-nodes.ts";
import { ceilingsAhead } from "./ceilings-ahead.ts";
import type { DescribedShed } from "./describe-shed.ts";
import { stopsForMargin } from "./held-by-bounds.ts";
import { backByPlan, resumeOthers, startPauses, startShrinks } from "./pauses.ts";
import { planKept, type PlanKept, type Widening } from "./plan-kept.ts";
import { planPauses } from "./plan-pauses.ts";

/**
 * The shed decision of a planned curtailment, ahead of it: which nodes go off and who is paused when; the caps follow
 * from measurement (`decide/commands/measure.ts`).
 *
 * 1. With which others it is planned     `plannedTogether`
 * 2. What must not be exceeded then      `ceilings-ahead.ts`
 * 3. Who gives what, floors kept         `plan-kept.ts`, by `planShed` in `packages/power-planning/src/shedding`
 * 4. Orders: nodes, pauses, shrinks      `carryOutAhead`
 */
export function planAhead(
  deciding: Deciding,
  site: SiteState,
  record: CurtailmentRecord,
  widening: Widening = "any",
): void {
  const { state } = deciding;
  const startMs = toNumber(record.curtailment.start);
  const atMs = Math.max(startMs, state.nowMs);
  const noticeMs = Math.max(0, startMs - state.nowMs);
  const group = plannedTogether(state, site, record, atMs);
  const wish = {
    ...ceilingsAhead(state, site, { startMs, group }),
    ...({ counts: "draw", noticeMs, atMs: startMs, record, group } as const),
    next: nextInGroup(site, group, state.curtailments.records.values(), atMs),
  };
  const kept = planKept(state, site, wish, widening);
  const { described, found } = kept;
  const isForMargin =
    found !== undefined && stopsForMargin(site, described, found.plan, state.nowMs);
  carryOutAhead(deciding, site, {
    group,
    noticeMs,
    kept: isForMargin ? { ...kept, found: undefined } : kept,
  });
}

interface DecidedAhead {
  readonly group: readonly CurtailmentRecord[];
  readonly noticeMs: number;
  readonly kept: PlanKept;
}

/** Where nothing holds the target, no floor is broken for it, and nodes that wait for ramps go off all the same. */
function carryOutAhead(
  deciding: Deciding,
  site: SiteState,
  { group, noticeMs, kept: { described, found, isAwaitingAnswers } }: DecidedAhead,
): void {
  const plan = found && fromNow(found.plan, noticeMs);
  const off = plan === undefined ? [] : offByPlan(deciding, site, described, plan);
  const staged =
    plan === undefined
      ? new Map(group.map((one) => [one, one.sleepers]))
      : sleepersOf(deciding, site, group, off);
  const widenedBy = found?.widenedBy ?? 0;
  for (const one of group) {
    const sleepers = staged.get(one) ?? [];
    deciding.emit({
      kind: "curtailment-planned",
      id: one.curtailment.id,
      ...(sleepers.length > 0 && { sleepers }),
      ...(widenedBy > 0 && { widenedBy }),
      ...(isAwaitingAnswers && { isAwaitingAnswers }),
    });
  }
  if (plan === undefined) {
    return;
  }
  if (staged.size > 0) {
    sleepInStages(deciding, site);
  } else {
    sleepNow(deciding, site, off);
  }
  planPauses(deciding, site, described, plan);
  startPauses(deciding, site);
  startShrinks(deciding, site, described, plan);
  resumeOthers(deciding, site, described, plan);
}

/** Times of a plan count from the start. */
function fromNow(plan: SettledPlan, noticeMs: number): SettledPlan {
  const pauses = plan.pauses.map((one) => ({
    ...one,
    fromMs: one.fromMs + noticeMs,
    untilMs: one.untilMs + noticeMs,
  }));
  return { ...plan, pauses };
}

/** Without the nodes on which tasks come back by the same plan. */
function offByPlan(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  plan: SettledPlan,
): readonly number[] {
  const back = backByPlan(deciding, site, described, plan);
  const kept = new Set(back.flatMap((one) => nodesForReturn(deciding.state, site, one)));
  return plan.powerOffNodes.filter((node) => !kept.has(node));
}
