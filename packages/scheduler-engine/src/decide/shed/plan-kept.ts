import { planWidened, type SettledPlan, trySettled } from "@ertis/power-planning";
import { acknowledgeMs } from "../../limits.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { DescribedShed, ShedWish } from "./describe-shed.ts";
import {
  isNextKept,
  isRestKept,
  type PlanFor,
  type TriedWay,
  waysToPlan,
} from "./plan-together.ts";
import { planToFloors } from "./plan-with-budgets.ts";

/** A plan, by how much floors are widened for it, and whom it is for; none holds: nothing is found. */
export interface PlanKept {
  readonly described: DescribedShed;
  readonly found: { readonly plan: SettledPlan; readonly widenedBy: number } | undefined;
}

interface Wish extends ShedWish {
  /** Another planned one that begins in the time of the plan. */
  readonly next: CurtailmentRecord | undefined;
}

/**
 * What several curtailments allow together is used evenly; where that would break a floor, sooner, and where what
 * is left would break one in the next of them, evenly up to then. Only where all that would, too, floors are
 * widened, unless what goes on now holds the target anyway.
 */
export function planKept(
  state: EngineState,
  site: SiteState,
  { next, ...wish }: Wish,
  mayWiden: boolean,
): PlanKept {
  const fromMs = Math.max(state.nowMs, wish.atMs);
  let even: TriedWay | undefined;
  let best: PlanFor | undefined;
  for (const way of waysToPlan(state, site, wish, next)) {
    even ??= way;
    const { described, tried } = way;
    if (tried.kind !== "plan") {
      continue;
    }
    best = { described, plan: tried.plan };
    const plan = { ...best, fromMs };
    const isKept =
      next === undefined ? isRestKept(state, site, plan) : isNextKept(state, site, plan, next);
    if (isKept) {
      return { described, found: { plan: tried.plan, widenedBy: 0 } };
    }
  }
  if (best !== undefined) {
    const found = mayWiden ? { plan: best.plan, widenedBy: 0 } : undefined;
    return { described: best.described, found };
  }
  const { described, tried } = known(even, "the even way to plan");
  if (!isAnswerLate(state, site, described.group)) {
    return { described, found: mayWiden ? planWidened(described.problem) : undefined };
  }
  const plan = planToFloors(described.problem, trySettled, tried);
  return { described, found: plan && { plan, widenedBy: 0 } };
}

/**
 * What nodes hold that do not answer an order about caps, or to stop, comes back when they do: for that nobody is
 * asked below its floor, and nobody paused for longer than it bears.
 */
function isAnswerLate(
  { nowMs }: EngineState,
  site: SiteState,
  group: readonly CurtailmentRecord[],
): boolean {
  return [...site.attempts].some((attempt) => {
    const { phase, placement, capInForce, workAtMs, isOverdue } = attempt;
    const isLeaving = phase === "stopping" || phase === "exited";
    const isLate =
      (isLeaving && (isOverdue || nowMs >= holdsUntilMs(attempt))) ||
      (capInForce !== undefined && nowMs - workAtMs >= acknowledgeMs);
    return (
      isLate && group.some(({ curtailment: { domain } }) => isBelow(site, placement.nodes, domain))
    );
  });
}
