import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffSites } from "../diff-sites.ts";
import type { SiteBudget } from "../site.ts";
import { siteOf, smallSite, smallSiteWith } from "../test-sites.ts";
import { dayOfWeek, daysSinceEpoch, monthOf } from "./calendar.ts";
import { budgetWindows, isBudgetInForce } from "./windows.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;

test("the calendar agrees with the platform's over four hundred years", () => {
  for (let day = -40_000; day < 106_000; day += 1) {
    const date = new Date(day * dayMs);
    const [year, month, dayOfMonth] = [
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
    ];
    if (
      daysSinceEpoch({ year, month, dayOfMonth }) !== day ||
      monthOf(day) !== month ||
      dayOfWeek(day) !== ((date.getUTCDay() + 6) % 7) + 1
    ) {
      expect.unreachable(`${date.toISOString()} is another day`);
    }
  }
});

const withWinter = smallSiteWith(
  "feed:\n",
  `budgets:
  - name: winter-evening
    ceiling: 100 kW
    domain: substation-1
    from: 2026-11-01T00:00+05:00
    until: 2027-03-01T00:00+05:00
    every: {months: nov..feb, days: mon..fri, hours: 18:00..22:00, utcOffset: "+05:00"}
    reason: evening peak of the winter
    source: assumption
  - {name: contract, ceiling: 900 kW, from: 2026-01-01T00:00Z, reason: first step, source: assumption}
feed:
`,
);

describe("budgets of a site file", () => {
  const [winter, contract] = siteOf(withWinter).budgets;

  test("say where and when", () => {
    expect(winter).toEqual({
      name: "winter-evening",
      domain: "small/substation-1",
      domainIndex: 1,
      ceilingWatts: 100_000,
      fromMs: Date.parse("2026-11-01T00:00+05:00"),
      untilMs: Date.parse("2027-03-01T00:00+05:00"),
      recurring: {
        utcOffsetMinutes: 300,
        months: [1, 2, 11, 12],
        daysOfWeek: [1, 2, 3, 4, 5],
        startMinute: 1_080,
        endMinute: 1_320,
      },
      reason: "evening peak of the winter",
      writtenAt: { file: "small.yaml", line: 29 },
    });
    expect(contract).toMatchObject({ domainIndex: 0, untilMs: undefined, recurring: undefined });
  });

  test("expand to the windows of the span that is asked for", () => {
    // 2026-11-06 is a Friday.
    const windows = budgetWindows(timed(winter), {
      fromMs: Date.parse("2026-11-06T20:00+05:00"),
      untilMs: Date.parse("2026-11-10T00:00+05:00"),
    });
    expect(windows.map(({ fromMs, untilMs }) => [iso(fromMs), iso(untilMs)])).toEqual([
      ["2026-11-06T13:00:00.000Z", "2026-11-06T17:00:00.000Z"],
      ["2026-11-09T13:00:00.000Z", "2026-11-09T17:00:00.000Z"],
    ]);
    expect(
      budgetWindows(timed(contract), {
        fromMs: Date.parse("2030-01-01T00:00Z"),
        untilMs: Infinity,
      }),
    ).toEqual([{ fromMs: Date.parse("2026-01-01T00:00Z"), untilMs: Infinity }]);
    expect(budgetWindows(timed(contract), { fromMs: 0, untilMs: 1_000 })).toEqual([]);
  });

  test("are another revision and a difference, without the places they are written at", () => {
    const before = siteOf(smallSite);
    const after = siteOf(withWinter);
    expect(after.revision).not.toBe(before.revision);
    expect(diffSites(before, after).budgetsAdded.map(({ name }) => name)).toEqual([
      "winter-evening",
      "contract",
    ]);
    const moved = siteOf(withWinter.replace("title: A small site", "# moved\ntitle: A small site"));
    expect(moved.revision).toBe(after.revision);
    expect(diffSites(after, moved)).toEqual(diffSites(after, after));
  });

  test("of a domain that is not built yet have no position", () => {
    const later = withWinter.replace("domain: substation-1", "domain: substation-1/hall-2");
    expect(siteOf(later).budgets[0]?.domainIndex).toBe(-1);
    expect(siteOf(later, "all").budgets[0]?.domainIndex).toBeGreaterThan(0);
  });
});

function timed(budget: SiteBudget | undefined): SiteBudget {
  if (budget === undefined) {
    throw new Error("the budget is not there");
  }
  return budget;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

test("windows are in order, apart, and hold exactly the hours that the words name", () => {
  const some = (most: number): fc.Arbitrary<number[]> =>
    fc.uniqueArray(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: most });
  const start = Date.parse("2026-12-20T00:00Z");
  fc.assert(
    fc.property(
      fc.record({
        months: some(12),
        daysOfWeek: some(7),
        startHour: fc.nat({ max: 23 }),
        hours: fc.integer({ min: 1, max: 24 }),
        offsetHours: fc.integer({ min: -14, max: 14 }),
      }),
      ({ months, daysOfWeek, startHour, hours, offsetHours }) => {
        const budget = {
          fromMs: start + 7 * hourMs,
          untilMs: start + 40 * dayMs,
          recurring: {
            utcOffsetMinutes: offsetHours * 60,
            months,
            daysOfWeek,
            startMinute: startHour * 60,
            endMinute: (startHour + hours) * 60,
          },
        };
        const windows = budgetWindows(budget, { fromMs: start, untilMs: start + 50 * dayMs });
        windows.forEach((window, index) => {
          expect(window.fromMs).toBeGreaterThan(windows[index - 1]?.untilMs ?? 0);
          expect(window.untilMs).toBeGreaterThan(window.fromMs);
        });
        for (let hour = 0; hour < 50 * 24; hour += 7) {
          const atMs = start + hour * hourMs;
          const isIn = windows.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
          expect(isIn).toBe(isNamed(budget, { atMs, startHour, hours, offsetHours }));
          expect(isBudgetInForce(budget, atMs)).toBe(isIn);
        }
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});

/** By the platform's calendar: did a window begin within the hours before a moment? */
function isNamed(
  budget: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly recurring: {
      readonly months: readonly number[];
      readonly daysOfWeek: readonly number[];
    };
  },
  at: {
    readonly atMs: number;
    readonly startHour: number;
    readonly hours: number;
    readonly offsetHours: number;
  },
): boolean {
  if (at.atMs < budget.fromMs || at.atMs >= budget.untilMs) {
    return false;
  }
  return Array.from({ length: at.hours }, (_, back) => back).some((back) => {
    const begin = new Date(at.atMs + (at.offsetHours - back) * hourMs);
    return (
      begin.getUTCHours() === at.startHour &&
      budget.recurring.months.includes(begin.getUTCMonth() + 1) &&
      budget.recurring.daysOfWeek.includes(((begin.getUTCDay() + 6) % 7) + 1)
    );
  });
}
