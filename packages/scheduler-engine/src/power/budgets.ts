import { toNumber } from "@ertis/quantities";
import { isInForce } from "./horizons.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { PowerBudget } from "../words/command.ts";

export interface BudgetFilter {
  readonly site?: string;
  readonly domain?: string;
}

export interface BudgetPage {
  readonly size: number;
  /** Id of the last budget listed before. */
  readonly after?: string;
}

export interface BudgetList {
  /** By id. */
  readonly budgets: readonly PowerBudget[];
  /** Id to go on after; absent: nothing more. */
  readonly next: string | undefined;
}

/** Budgets in force or still to come. */
export function listBudgets(
  state: EngineState,
  filter: BudgetFilter,
  page: BudgetPage,
): BudgetList {
  const after = page.after ?? "";
  const matching = [...state.budgets.values()]
    .filter(
      (budget) =>
        (filter.site === undefined || budget.site === filter.site) &&
        (filter.domain === undefined || budget.domain === filter.domain) &&
        (budget.until === undefined || toNumber(budget.until) > state.nowMs) &&
        budget.id > after,
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const budgets = matching.slice(0, page.size);
  return { budgets, next: matching.length > budgets.length ? budgets.at(-1)?.id : undefined };
}

/** The lowest of a domain's budgets at a moment; the first id wins a tie. */
export function lowestBudget(
  budgets: readonly PowerBudget[],
  atMs: number,
): PowerBudget | undefined {
  let lowest: PowerBudget | undefined;
  for (const budget of budgets) {
    if (!isInForce(budget, atMs)) {
      continue;
    }
    if (
      lowest === undefined ||
      budget.ceiling < lowest.ceiling ||
      (budget.ceiling === lowest.ceiling && budget.id < lowest.id)
    ) {
      lowest = budget;
    }
  }
  return lowest;
}

/** The next moment at which another budget, or none, is the lowest of a domain. */
export interface BudgetChange {
  readonly atMs: number;
  /** Absent: no budget from then on. */
  readonly budget: PowerBudget | undefined;
}

export function nextBudgetChange(
  budgets: readonly PowerBudget[],
  nowMs: number,
): BudgetChange | undefined {
  const current = lowestBudget(budgets, nowMs);
  const moments = budgets
    .flatMap((one) => [toNumber(one.from), one.until === undefined ? 0 : toNumber(one.until)])
    .filter((atMs) => atMs > nowMs)
    .toSorted((a, b) => a - b);
  for (const atMs of moments) {
    const budget = lowestBudget(budgets, atMs);
    if (budget?.id !== current?.id) {
      return { atMs, budget };
    }
  }
  return undefined;
}
