import { describe, expect, test } from "vitest";
import { parseSite } from "../parse-site.ts";
import { errorLines, smallSiteWith } from "../test-sites.ts";

/** One mistake in a ceiling that is known ahead; its path and message. */
type Mistake = readonly [what: string, find: string, replacement: string, expected: RegExp];

function budget(changes: Readonly<Record<string, string>>): string {
  const fields = {
    name: "winter",
    ceiling: "150 kW",
    from: "2026-11-01T00:00+05:00",
    until: "2027-03-01T00:00+05:00",
    reason: "contract",
    source: "assumption",
    ...changes,
  };
  const written = Object.entries(fields).filter(([, value]) => value !== "");
  return `  - {${written.map(([key, value]) => `${key}: ${value}`).join(", ")}}\n`;
}

function withBudgets(text: string): string {
  return `budgets:\n${text}feed:\n`;
}

const evening = '{months: nov..feb, hours: 18:00..22:00, utcOffset: "+05:00"}';

const mondayNoon = '{days: mon, hours: 12:30..13:00, utcOffset: "+05:00"}';

/** Budgets of so many different times of day, every day. */
function timesOfDay(count: number): string {
  return Array.from({ length: count }, (_, hour) =>
    budget({
      name: `at-${hour}`,
      every: `{hours: 0${hour}:00..0${hour}:30, utcOffset: "+05:00"}`,
    }),
  ).join("");
}

const budgetMistakes: readonly Mistake[] = [
  [
    "an end before the start",
    "feed:\n",
    withBudgets(budget({ until: "2026-10-01T00:00+05:00" })),
    /budgets\[0\]\.until: until is not after from/,
  ],
  [
    "a moment without an offset",
    "feed:\n",
    withBudgets(budget({ from: "2026-11-01T00:00" })),
    /from: "2026-11-01T00:00" is not a moment with an offset from UTC/,
  ],
  [
    "the 30th of February",
    "feed:\n",
    withBudgets(budget({ until: "2027-02-30T00:00Z" })),
    /until: "2027-02-30T00:00Z" is on no calendar or clock/,
  ],
  [
    "an unknown domain",
    "feed:\n",
    withBudgets(budget({ domain: "substation-1/hall-3" })),
    /domain: the site has no domain "substation-1\/hall-3": there is no "hall-3" \(did you mean "hall-1"\?\) in this substation/,
  ],
  [
    "a ceiling below the idle draw",
    "feed:\n",
    withBudgets(budget({ ceiling: "50 kW" })),
    /ceiling: a ceiling of 50000 W cannot carry 69600 W, the fixed load and the idle draw of 16 nodes of this feed/,
  ],
  [
    "a recurrence without end",
    "feed:\n",
    withBudgets(budget({ until: "", every: evening })),
    /every: a recurring budget without until: say how far ahead it is known/,
  ],
  [
    "a recurrence that never happens",
    "feed:\n",
    withBudgets(budget({ every: evening.replace("nov..feb", "jul") })),
    /this budget is never in force/,
  ],
  [
    "a month that is none",
    "feed:\n",
    withBudgets(budget({ every: evening.replace("nov..feb", "nov..fbe") })),
    /every\.months: found "nov\.\.fbe", write one or several of "jan"/,
  ],
  [
    "hours that are none",
    "feed:\n",
    withBudgets(budget({ every: evening.replace("18:00..22:00", "18..22") })),
    /every\.hours: "18\.\.22" are no hours of a day/,
  ],
  [
    "no offset",
    "feed:\n",
    withBudgets(budget({ every: "{months: jan}" })),
    /every: "utcOffset" is missing/,
  ],
  [
    "one name twice",
    "feed:\n",
    withBudgets(budget({}).repeat(2)),
    /^30:12 budgets\[1\]\.name: duplicate name "winter"/,
  ],
  [
    "no source",
    "feed:\n",
    withBudgets(budget({ source: "" })),
    /ceiling: a number without a source/,
  ],
  [
    "ceilings that begin at more moments than plans can know",
    "feed:\n",
    // Eight times a day for 32 days are 256; the Monday beside them is too much.
    withBudgets(timesOfDay(8) + budget({ name: "monday", every: mondayNoon })),
    /^37:12 budgets\[8\]\.name: with this budget, ceilings begin at more than 256 different moments within 32 days/,
  ],
  ["no list", "feed:\n", "budgets: {}\nfeed:\n", /budgets: found a block, but budgets is a list/],
];

describe("one mistake in a budget gives one message", () => {
  test.each([...budgetMistakes])("%s", (_, find, replacement, expected) => {
    const lines = errorLines(smallSiteWith(find, replacement));
    expect(lines.join("\n")).toMatch(expected);
    expect(lines).toHaveLength(1);
  });
});

describe("ceilings that begin often", () => {
  const withDomains = (domains: readonly string[], changes: Readonly<Record<string, string>>) =>
    domains.map((domain, index) => budget({ name: `n-${index}`, domain, ...changes })).join("");
  const errorsOf = (budgets: string): readonly string[] =>
    errorLines(smallSiteWith("feed:\n", withBudgets(budgets)));

  test("are known as long as they begin at as few moments as plans can know", () => {
    expect(errorsOf(timesOfDay(8))).toEqual([]);
    // The ninth is a day of its own, long after the others.
    const later = { from: "2029-06-01T00:00+05:00", until: "2029-07-10T00:00+05:00" };
    expect(
      errorsOf(timesOfDay(8) + budget({ name: "later", ...later, every: mondayNoon })),
    ).toEqual([]);
    expect(errorsOf(timesOfDay(9))).toHaveLength(1);
  });

  test("count once for all domains for which they begin together", () => {
    const hall = "substation-1/hall-1";
    const domains = ["", "substation-1", hall, `${hall}/row-1`, `${hall}/row-2`].concat(
      [1, 2].flatMap((row) => [1, 2].map((rack) => `${hall}/row-${row}/rack-${rack}`)),
    );
    expect(errorsOf(withDomains(domains, { every: evening }))).toEqual([]);
  });

  test("of a file that a log holds are read again", () => {
    const text = smallSiteWith("feed:\n", withBudgets(timesOfDay(9)));
    const phases = "built";
    expect(parseSite({ file: "small.yaml", text, phases }).kind).toBe("errors");
    expect(parseSite({ file: "small.yaml", text, phases, wasAccepted: true }).kind).toBe("site");
  });
});
