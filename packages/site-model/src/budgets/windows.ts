import type { Recurrence, SiteBudget } from "../site.ts";
import { dayOfWeek, localDayOf, momentOf, monthOf } from "./calendar.ts";

/** From `fromMs` on, and before `untilMs`; Infinity: without end. Milliseconds since 1970 in UTC. */
export interface BudgetWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

type Timed = Pick<SiteBudget, "fromMs" | "untilMs" | "recurring">;

/** Is a budget of a site file in force at a moment? */
export function isBudgetInForce(budget: Timed, atMs: number): boolean {
  return budgetWindows(budget, { fromMs: atMs, untilMs: atMs + 1 }).length > 0;
}

/**
 * When a budget is in force inside a span, in order, cut at the ends of the budget but not at those
 * of the span. At most two windows a day: choose the span by how far plans look ahead.
 */
export function budgetWindows(budget: Timed, span: BudgetWindow): readonly BudgetWindow[] {
  const { recurring } = budget;
  const whole: BudgetWindow = { fromMs: budget.fromMs, untilMs: budget.untilMs ?? Infinity };
  if (recurring === undefined) {
    return meets(whole, span) ? [whole] : [];
  }
  const windows: BudgetWindow[] = [];
  const from = Math.max(whole.fromMs, span.fromMs);
  const until = Math.min(whole.untilMs, span.untilMs);
  const last = localDayOf(until, recurring.utcOffsetMinutes);
  // A window may begin on the day before the one on which it ends.
  for (let day = localDayOf(from, recurring.utcOffsetMinutes) - 1; day <= last; day += 1) {
    const window = windowOfDay(recurring, day);
    const cut = window === undefined ? undefined : overlap(window, whole);
    if (cut !== undefined && meets(cut, span)) {
      windows.push(cut);
    }
  }
  return joined(windows);
}

function windowOfDay(recurring: Recurrence, day: number): BudgetWindow | undefined {
  const { utcOffsetMinutes, startMinute, endMinute } = recurring;
  return recurring.months.includes(monthOf(day)) && recurring.daysOfWeek.includes(dayOfWeek(day))
    ? {
        fromMs: momentOf(day, startMinute, utcOffsetMinutes),
        untilMs: momentOf(day, endMinute, utcOffsetMinutes),
      }
    : undefined;
}

function overlap(one: BudgetWindow, other: BudgetWindow): BudgetWindow | undefined {
  return meets(one, other)
    ? {
        fromMs: Math.max(one.fromMs, other.fromMs),
        untilMs: Math.min(one.untilMs, other.untilMs),
      }
    : undefined;
}

function meets(one: BudgetWindow, other: BudgetWindow): boolean {
  return one.fromMs < other.untilMs && other.fromMs < one.untilMs;
}

/** Whole days in a row are one window: nothing changes at midnight. */
function joined(windows: readonly BudgetWindow[]): readonly BudgetWindow[] {
  const all: BudgetWindow[] = [];
  for (const window of windows) {
    const last = all.at(-1);
    if (last !== undefined && last.untilMs >= window.fromMs) {
      all[all.length - 1] = {
        fromMs: last.fromMs,
        untilMs: Math.max(last.untilMs, window.untilMs),
      };
    } else {
      all.push(window);
    }
  }
  return all;
}
