import { planWidened, type SettledPlan, trySettled } from "@ertis/power-planning";
import { acknowledgeMs } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
import { planToFloors } from "./plan-with-budgets.ts";
import type { SiteState } from "../state/site-state.ts";
import { type DescribedShed, describeShed, type ShedWish } from "./describe-shed.ts";

/** A plan, by how much floors are widened for it, and whom it is for; none holds: nothing is found. */
export interface PlanKept {
  readonly described: DescribedShed;
  readonly found: { readonly plan: SettledPlan; readonly widenedBy: number } | undefined;
}

/**
 * What several curtailments allow together is used evenly; where that would break a floor, sooner; and only
 * where that would, too, floors are widened, unless what goes on now holds the target anyway.
 */
export function planKept(
  state: EngineState,
  site: SiteState,
  wish: ShedWish,
  mayWiden: boolean,
): PlanKept {
  const evenly = describeShed(state, site, wish);
  const even = trySettled(evenly.problem);
  if (even.kind === "plan") {
    return { described: evenly, found: { plan: even.plan, widenedBy: 0 } };
  }
  if ((wish.group?.length ?? 0) > 1) {
    const wholly = describeShed(state, site, { ...wish, allowance: "whole" });
    const whole = trySettled(wholly.problem);
    if (whole.kind === "plan") {
      return { described: wholly, found: { plan: whole.plan, widenedBy: 0 } };
    }
  }
  if (!isAnswerLate(state, site)) {
    return { described: evenly, found: mayWiden ? planWidened(evenly.problem) : undefined };
  }
  const plan = planToFloors(evenly.problem, trySettled, even);
  return { described: evenly, found: plan && { plan, widenedBy: 0 } };
}

/**
 * What nodes that do not answer hold comes back when they do: for that nobody is asked below his floor, and
 * nobody paused for longer than he bears.
 */
function isAnswerLate({ nowMs }: EngineState, { attempts }: SiteState): boolean {
  return [...attempts].some(
    ({ capInForce, workAtMs }) => capInForce !== undefined && nowMs - workAtMs >= acknowledgeMs,
  );
}
