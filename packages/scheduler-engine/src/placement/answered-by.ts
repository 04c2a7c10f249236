import { toNumber } from "@ertis/quantities";
import { unansweredMs } from "../limits.ts";
import { budgetsOf } from "../power/site-budgets.ts";
import { isBelow } from "../power/shedding/effects.ts";
import type { SiteState } from "../state/site-state.ts";

/**
 * The soonest moment from that of a start at which the caps are answered that fall for ceilings above its nodes. They fall
 * when the ceiling does, so that a start just after it would count on watts that nodes may draw still.
 */
export function answeredByMs(
  site: SiteState,
  nowMs: number,
  { nodes, startAtMs }: { readonly nodes: readonly number[]; readonly startAtMs: number },
): number {
  const emergencies = site.curtailments.filter(({ mode }) => mode === "emergency");
  const falls = [
    ...budgetsOf(site).map(({ from, domain }) => ({ fromMs: toNumber(from), domain })),
    ...emergencies.map(({ start, domain }) => ({ fromMs: toNumber(start), domain })),
  ];
  return falls
    .filter(({ fromMs, domain }) => fromMs > nowMs && isBelow(site, nodes, domain))
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .reduce((byMs, { fromMs }) => {
      const isBetween = fromMs <= byMs && byMs < fromMs + unansweredMs;
      return isBetween ? fromMs + unansweredMs : byMs;
    }, startAtMs);
}
