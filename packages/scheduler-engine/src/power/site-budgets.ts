import { instant, toNumber } from "@ertis/quantities";
import { budgetDaysAhead, budgetWindows } from "@ertis/site-model";
import type { SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";

const dayMs = 86_400_000;

/** Every ceiling that is known of a site: those that were set, and those of its file that are near. */
export function budgetsOf(state: SiteState): readonly PowerBudget[] {
  return state.fileBudgets.length === 0 ? state.budgets : [...state.budgets, ...state.fileBudgets];
}

/**
 * Brings the windows of the site file in sight up to date. They are looked up once a day (of UTC), so
 * that what is known follows from the day alone, whenever somebody happened to ask.
 *
 * @returns up to when windows were known before; undefined when nothing was looked up
 */
export function lookAhead(state: SiteState, nowMs: number): number | undefined {
  if (state.site.budgets.length === 0 || nowMs < nextLookMs(state)) {
    return undefined;
  }
  const knownUntilMs = state.fileBudgetsUntilMs;
  const today = Math.floor(nowMs / dayMs);
  state.fileBudgetsUntilMs = (today + budgetDaysAhead) * dayMs;
  state.fileBudgets = windowsOf(state, today * dayMs, state.fileBudgetsUntilMs);
  return knownUntilMs;
}

/** When windows of the site file are looked up the next time; Infinity: there is nothing to look up. */
export function nextLookMs(state: SiteState): number {
  const { budgets } = state.site;
  const isMoreToCome = budgets.some(
    ({ fromMs, untilMs, recurring }) =>
      fromMs >= state.fileBudgetsUntilMs ||
      (recurring !== undefined && (untilMs ?? Infinity) > state.fileBudgetsUntilMs),
  );
  return isMoreToCome ? state.fileBudgetsUntilMs - (budgetDaysAhead - 1) * dayMs : Infinity;
}

function windowsOf(state: SiteState, fromMs: number, untilMs: number): readonly PowerBudget[] {
  const windows: PowerBudget[] = [];
  for (const budget of state.site.budgets) {
    if (budget.domainIndex < 0) {
      continue;
    }
    for (const window of budgetWindows(budget, { fromMs, untilMs })) {
      windows.push({
        id: budget.name,
        site: state.site.id,
        domain: budget.domain,
        ceiling: budget.ceilingWatts,
        from: instant(window.fromMs),
        ...(window.untilMs === Infinity ? {} : { until: instant(window.untilMs) }),
        reason: budget.reason,
        setBy: `${budget.writtenAt.file}:${budget.writtenAt.line}`,
      });
    }
  }
  return windows.toSorted((a, b) => toNumber(a.from) - toNumber(b.from));
}
