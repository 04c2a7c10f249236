import { planWidened, type SettledPlan, trySettled } from "@ertis/power-planning";
import { holdsByBounds } from "../../power/stale-meters.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { DescribedShed } from "./describe-shed.ts";
import {
  isNextKept,
  isRestKept,
  type PlanFor,
  type Returns,
  type TriedWay,
  waysToPlan,
} from "./plan-together.ts";
import type { CeilingsAhead } from "./ceilings-ahead.ts";
import { isAnswerLate } from "./late-answers.ts";
import { planToFloors } from "./plan-with-budgets.ts";
import { partNotWorth } from "./passed-target.ts";
import type { ShedWish } from "./shed-wish.ts";

/** Ten-thousandths of full throughput: floors that give no more than that cost nobody anything to speak of. */
const slightPart = 50;
const wholePart = 10_000;

/**
 * By how much floors may give way where no plan keeps all of them. Not at all: the target holds, and what was planned stays;
 * slightly: more may be missing for one minute only.
 */
export type Widening = "none" | "slight" | "any";

/** A plan, by how much floors are widened for it, and whom it is for; none holds: nothing is found. */
export interface PlanKept {
  readonly described: DescribedShed;
  readonly found: { readonly plan: SettledPlan; readonly widenedBy: number } | undefined;
  /** Not all fit, and nobody stops for it: answers are late. */
  readonly isAwaitingAnswers?: true;
}

interface Wish extends ShedWish, CeilingsAhead {
  /** Another planned one that begins in the time of the plan. */
  readonly next: CurtailmentRecord | undefined;
}

/**
 * What several curtailments allow together is used evenly; where that would break a floor, sooner, and where what
 * is left would break one in the next of them, evenly up to then. Only where all that would, too, floors are
 * widened, unless what goes on now holds the target anyway; by more than slightly only by what is
 * missing also without a margin, and by what is drawn on average, and only where that is worth it. Nobody stops whom a budget keeps out then, as long as
 * there is another way.
 */
export function planKept(
  state: EngineState,
  site: SiteState,
  { next, bareCeiling, closeCeiling, isToldByAll, ...wish }: Wish,
  widening: Widening,
): PlanKept {
  const { group = [] } = wish;
  const isLate = isAnswerLate(state, site, group);
  const isForFloors = isLate || isNobodyMeasuring(state, site, group);
  const sure = tryWays(state, site, wish, { next, returns: "sure" });
  // Where a target goes before floors, and cannot be held otherwise, somebody stops whom a budget keeps out.
  const isSure = sure !== undefined && (isForFloors || sure.best !== undefined);
  const { even, best, isKept } = isSure
    ? sure
    : known(tryWays(state, site, wish, { next, returns: "any" }), "ways to plan");
  if (best !== undefined) {
    const found = isKept || widening !== "none" ? { plan: best.plan, widenedBy: 0 } : undefined;
    return { described: best.described, found };
  }
  const { described, tried } = even;
  if (!isForFloors) {
    if (widening === "none") {
      return { described, found: undefined };
    }
    const found = planWidened(described.problem);
    const isSlight = isWithin(found, slightPart);
    const bare = isSlight ? undefined : planBare(state, site, { ...wish, bareCeiling });
    const chosen = bare ?? { described, found };
    if (widening === "slight") {
      return isWithin(chosen.found, slightPart) ? chosen : { described, found: undefined };
    }
    const close = { ...wish, next, closeCeiling, isToldByAll };
    return planClose(state, site, close, chosen);
  }
  const plan = planToFloors(described.problem, trySettled, tried);
  const found = plan && { plan, widenedBy: 0 };
  return { described, found, ...(isLate ? { isAwaitingAnswers: true } : {}) };
}

interface TriedWays {
  readonly even: TriedWay;
  /** Keeps floors in its own time; undefined: no way does. */
  readonly best: PlanFor | undefined;
  /** And leaves enough for those that go on, or begin, after that. */
  readonly isKept: boolean;
}

/** Undefined: there are no such ways. */
function tryWays(
  state: EngineState,
  site: SiteState,
  wish: ShedWish,
  { next, returns }: Pick<Wish, "next"> & { readonly returns: Returns },
): TriedWays | undefined {
  const fromMs = Math.max(state.nowMs, wish.atMs);
  let even: TriedWay | undefined;
  let best: PlanFor | undefined;
  for (const way of waysToPlan(state, site, wish, { next, returns })) {
    const { described, tried } = way;
    even ??= way;
    if (tried.kind !== "plan") {
      continue;
    }
    best = { described, plan: tried.plan };
    const plan = { ...best, fromMs };
    const isKept =
      next === undefined ? isRestKept(state, site, plan) : isNextKept(state, site, plan, next);
    if (isKept) {
      return { even, best, isKept };
    }
  }
  return even && { even, best, isKept: false };
}

function isWithin(found: PlanKept["found"], part: number): boolean {
  return found !== undefined && found.widenedBy <= part;
}

/** For a margin no floor gives way: with none of it, and by what is drawn on average, all floors may be kept, or give less. */
function planBare(
  state: EngineState,
  site: SiteState,
  { bareCeiling, ...wish }: Omit<Wish, "next" | "closeCeiling" | "isToldByAll">,
): PlanKept | undefined {
  if (bareCeiling === undefined) {
    return undefined;
  }
  const bare = { ...wish, ceiling: bareCeiling, isTypical: true };
  let even: DescribedShed | undefined;
  for (const { described, tried } of waysToPlan(state, site, bare, {})) {
    even ??= described;
    if (tried.kind === "plan") {
      return { described, found: { plan: tried.plan, widenedBy: 0 } };
    }
  }
  const described = known(even, "the even way to plan");
  return { described, found: planWidened(described.problem) };
}

/**
 * Where caps are at their lowest, only pauses to the end are left: a job would lose everything for a few watts. Floors are
 * kept where they miss a target by little beside what they would give: by a plan, or by what is drawn with everybody at work,
 * since what jobs were seen to draw at most is not what they go on to draw.
 * @param instead where it is worth it
 */
function planClose(
  state: EngineState,
  site: SiteState,
  { next, closeCeiling, isToldByAll, ...wish }: Omit<Wish, "bareCeiling">,
  instead: PlanKept,
): PlanKept {
  const { record } = wish;
  const givenPart = (instead.found?.widenedBy ?? 0) / wholePart;
  const part = record === undefined ? 0 : partNotWorth(record, givenPart, state.nowMs);
  const ceiling = part === 0 ? undefined : closeCeiling(part);
  if (ceiling === undefined) {
    return instead;
  }
  const close = { ...wish, ceiling, isTypical: true };
  for (const returns of ["sure", "any"] as const) {
    const best = tryWays(state, site, close, { next, returns })?.best;
    if (best !== undefined) {
      return { described: best.described, found: { plan: best.plan, widenedBy: 0 } };
    }
  }
  return isToldByAll ? { ...instead, found: undefined } : instead;
}

/**
 * Whether what jobs draw is too much nobody knows, and bounds tell of more: for that no floor gives way. As far as
 * floors bear it, caps and pauses hold the bounds.
 */
function isNobodyMeasuring(
  { nowMs }: EngineState,
  site: SiteState,
  group: readonly CurtailmentRecord[],
): boolean {
  return group.every(({ curtailment }) => {
    const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
    return holdsByBounds(site, curtailment, domain, nowMs);
  });
}
