import type { Problems } from "../reader/index.ts";
import type { DeclaredBudget } from "./read-budgets.ts";
import { type BudgetWindow, budgetWindows } from "./windows.ts";

/** Whole days of UTC, today's included, for which plans know the ceilings of a site file. */
export const budgetDaysAhead: number = 32;

/** Each moment at which ceilings begin is one more look at every node for whoever plans. */
const mostStarts = 256;

const aheadMs = budgetDaysAhead * 86_400_000;

/**
 * Proves that plans can know every window for as far as they look ahead. What counts are different
 * moments: ceilings of many domains that begin together cost no more than one.
 */
export function checkStarts(problems: Problems, budgets: readonly DeclaredBudget[]): void {
  const tooMuch = firstTooMuch(budgets);
  if (tooMuch !== undefined) {
    problems.add(
      tooMuch.at,
      `with this budget, ceilings begin at more than ${mostStarts} different moments within ${budgetDaysAhead} days, which is as far as plans look ahead and the most that they can know: let budgets begin at the same times of day, or on fewer days`,
    );
  }
}

type Starts = readonly (readonly [atMs: number, first: DeclaredBudget])[];

function firstTooMuch(budgets: readonly DeclaredBudget[]): DeclaredBudget | undefined {
  const firstMs = Math.min(...budgets.map(({ fromMs }) => fromMs));
  const lastMs = Math.max(
    ...budgets.map(({ fromMs, untilMs, recurring }) =>
      recurring === undefined ? fromMs : (untilMs ?? fromMs),
    ),
  );
  let before: Starts = [];
  for (let fromMs = firstMs; fromMs <= lastMs; fromMs += aheadMs) {
    const these = startsIn(budgets, { fromMs, untilMs: fromMs + aheadMs });
    // Whatever lies so near to each other lies in two such stretches that touch.
    const starts = [...before, ...these];
    before = these;
    const last = starts.findIndex(
      ([atMs], index) => atMs - (starts[index - mostStarts]?.[0] ?? -Infinity) < aheadMs,
    );
    if (last >= 0) {
      const among = new Set(starts.slice(last - mostStarts, last + 1).map(([, budget]) => budget));
      return budgets.findLast((budget) => among.has(budget));
    }
  }
  return undefined;
}

/** The different moments of a stretch at which ceilings begin, in order, each with the first that does. */
function startsIn(budgets: readonly DeclaredBudget[], stretch: BudgetWindow): Starts {
  const starts = new Map<number, DeclaredBudget>();
  for (const budget of budgets) {
    for (const { fromMs } of budgetWindows(budget, stretch)) {
      if (fromMs >= stretch.fromMs && fromMs < stretch.untilMs && !starts.has(fromMs)) {
        starts.set(fromMs, budget);
      }
    }
  }
  return [...starts].toSorted(([one], [other]) => one - other);
}
