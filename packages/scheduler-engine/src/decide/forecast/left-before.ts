import { toNumber } from "@ertis/quantities";
import { givingUpAt } from "../../power/shedding/given-up.ts";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { preparedMs } from "../shed/plan-at.ts";
import { ceilingOf, foreseenLoss, waysToPlan } from "../shed/plan-together.ts";
import type { ForeseenLoss } from "../shed/shed-wish.ts";

/** A moment, and which others are planned together with a curtailment from then on. */
interface From {
  readonly atMs: number;
  readonly others: readonly CurtailmentRecord[];
}

export interface LeftBefore {
  readonly foreseen?: ForeseenLoss;
}

/** What the ways to plan for the time before a moment leave of what jobs may lose, the best way first. */
export function leftBefore(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { atMs, others }: From,
): readonly LeftBefore[] {
  const hasBegun = ({ curtailment }: CurtailmentRecord): boolean =>
    toNumber(curtailment.start) < atMs;
  const next = [record, ...others].find((one) => !hasBegun(one));
  // At the end of one that gives floors up those go on that were planned together with it.
  const giving = next === undefined ? givingUpAt(state, record, atMs - 1) : [];
  const group =
    giving.length === 0 ? [record, ...others] : plannedTogether(state, site, record, atMs - 1);
  const before = group
    .filter(hasBegun)
    .toSorted((a, b) => toNumber(a.curtailment.end) - toNumber(b.curtailment.end));
  const [first] = before;
  if (first === undefined || (next === undefined && giving.length === 0)) {
    return [{}];
  }
  const starts = before.map(({ curtailment }) => toNumber(curtailment.start));
  const fromMs = Math.max(state.nowMs, ...starts);
  const wish = {
    ceiling: ceilingOf(site, before, fromMs),
    counts: "draw",
    noticeMs: preparedMs(state, first, Math.max(0, fromMs - state.nowMs)),
    atMs: fromMs,
    record: first,
    group: before,
    givingUp: giving,
  } as const;
  const ways = [...waysToPlan(state, site, wish, { next })].flatMap(({ described, tried }) =>
    tried.kind === "plan"
      ? { foreseen: foreseenLoss(site, { described, plan: tried.plan, fromMs }, atMs, giving) }
      : [],
  );
  return ways.length === 0 ? [{}] : ways;
}
