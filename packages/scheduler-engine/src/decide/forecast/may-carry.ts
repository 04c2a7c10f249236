import { toNumber, type Watts } from "@ertis/quantities";
import { budgetsOf } from "../../power/site-budgets.ts";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { PowerBudget } from "../../words/command.ts";
import { lowestBudget } from "../../power/budgets.ts";

export interface MayCarry {
  readonly most: Watts;
  /** What holds it to that; undefined: its limit. */
  readonly budget: PowerBudget | undefined;
}

/**
 * The most that a domain may carry at any moment of a stretch of time by its limit and budgets, whole watts. Other
 * curtailments may be cancelled and lost supplies come back: they count for nothing.
 */
export function mayCarryWithin(
  site: SiteState,
  domain: number,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): MayCarry {
  const { id, usableWatts } = known(site.site.domains[domain], "domain");
  const budgets = budgetsOf(site).filter((one) => one.domain === id);
  // What it may carry rises only where a budget ends.
  const ends = budgets.map(({ until }) => (until === undefined ? 0 : toNumber(until)));
  const moments = [fromMs, ...ends.filter((atMs) => atMs > fromMs && atMs < untilMs)];
  return moments
    .map((atMs): MayCarry => {
      const budget = lowestBudget(budgets, atMs);
      return budget === undefined || budget.ceiling >= usableWatts
        ? { most: usableWatts, budget: undefined }
        : { most: budget.ceiling, budget };
    })
    .reduce((most, one) => (one.most > most.most ? one : most));
}
