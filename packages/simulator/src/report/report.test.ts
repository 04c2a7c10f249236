import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { usualPlant } from "../plant/plant-rules.ts";
import { exampleFiles } from "../run/examples.ts";
import { prepare, type PreparedSimulation } from "../run/prepare.ts";
import { Simulation } from "../run/simulation.ts";
import { chartsOf } from "./html/charts-of.ts";
import { renderPage } from "./html/render-page.ts";
import { ticksTo, timeTicks } from "./html/scale.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { renderComparison, renderTable } from "./render-table.ts";

function example(feedBudgetWatts?: number): PreparedSimulation {
  const read = (file: string): { file: string; text: string } => ({
    file,
    text: readFileSync(file, "utf8"),
  });
  return prepare({
    site: read(exampleFiles.site),
    trace: read(exampleFiles.trace),
    events: undefined,
    seed: 1,
    plant: usualPlant,
    scale: { jobsMax: 60 },
    draw: {},
    measureEveryMs: 0,
    horizonMs: Infinity,
    feedBudgetWatts,
  });
}

function outcome(title: string, feedBudgetWatts?: number): Outcome {
  const prepared = example(feedBudgetWatts);
  if (prepared.kind === "refused") {
    throw new Error(prepared.lines.join("\n"));
  }
  const simulation = new Simulation(prepared.input);
  while (simulation.step(1_000)) {
    // Goes on.
  }
  return outcomeOf(simulation, {
    title,
    subject: "hall.yaml, day.csv",
    command: "ertis simulate <x>",
    rules: prepared.rules,
  });
}

test("the same input gives the same outcome; the page needs no network and no script", () => {
  const first = outcome("One");
  expect(outcome("One")).toEqual(first);
  const page = renderPage([first]);
  expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/);
  expect(page).toContain("ertis simulate &lt;x&gt;");
  expect(page).toContain("<h2>How this run was made</h2>");
  expect(page).toContain("prefers-color-scheme:dark");
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  const table = renderTable(first).join("\n");
  expect(table).toContain("violations");
  // Each row can be read without the one above it.
  expect(table).toMatch(/^ {2}at a cap: later than told for that cap +\S/m);
  expect(table).toMatch(/^ {2}behind a promised start: earlier than told +\S/m);
});

test("two runs stand side by side, with what the second changes", () => {
  const [tight, wide] = [outcome("Tight", 70_000), outcome("Wide", 110_000)];
  const lines = renderComparison(tight, wide).join("\n");
  expect(lines).toMatch(/wait, mean and p95.*-\d+\.\d %.*better/);
  expect(wide.jobs.waitSeconds.mean).toBeLessThan(tight.jobs.waitSeconds.mean);
  expect(renderPage([tight, wide])).toContain('class="pair"');
  expect(renderPage([tight, wide])).toContain("<h2>Wide: how it was made</h2>");
});

test("on a narrow page compared figures stand below their names, with what changes below them: nothing is cut off", () => {
  const page = renderPage([outcome("Tight", 70_000), outcome("Wide", 110_000)]);
  const narrow = /@media \(max-width:720px\)\{(?<rules>[^@]*)@/.exec(page)?.groups?.["rules"] ?? "";
  expect(narrow).toContain(".pair table{display:block;min-width:0}");
  expect(narrow).toMatch(
    /\.pair tr\{display:grid;grid-template-columns:repeat\(2,minmax\(0,1fr\)\)/,
  );
  expect(narrow).toMatch(/\.pair td:first-child,\.pair td:last-child\{grid-column:1\/-1/);
  // Which the rules count on: the name first, the change last.
  const rows = [...page.matchAll(/<tr>(?<cells><td>.*?)<\/tr>/g)].map(
    ({ groups }) => groups?.["cells"] ?? "",
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => row.split("<td").length !== 5)).toEqual([]);
  expect(page).toMatch(
    /<span class="whole">\d{4}-\d\d-\d\d \d\d:\d\d<\/span> to <span class="whole">/,
  );
});

test("minutes of an emergency above its target are told with the reason for which they break no promise", () => {
  const score = { id: "trip", domain: "hub", targetWatts: 1_000, minuteCount: 10 } as const;
  const over = { ...score, overCount: 1, worstMinuteWatts: 1_114, usedPart: 1 } as const;
  const targetsOf = (mode: "planned" | "emergency"): string =>
    renderTable({ ...outcome("One"), curtailments: [{ ...over, mode }] }).join("\n");
  const why =
    /1 of 10 minutes above[^;]*; 1 in emergencies, which promise no minutes: bounds fall as/;
  expect(targetsOf("emergency").replaceAll(/\s+/g, " ")).toMatch(why);
  expect(targetsOf("planned")).not.toContain("in emergencies");
});

test("a minute that is a little above its target does not read as if it were at it", () => {
  const score = {
    id: "trip",
    domain: "hub",
    mode: "planned",
    usedPart: 1,
    minuteCount: 175,
  } as const;
  const worstAt = (worstMinuteWatts: number, overCount: number): string => {
    const curtailments = [{ ...score, targetWatts: 100_000, worstMinuteWatts, overCount }];
    const text = renderTable({ ...outcome("One"), curtailments }).join("\n");
    return /the worst at (?<worst>[\d.]+ %)/.exec(text)?.groups?.["worst"] ?? "";
  };
  expect(worstAt(100_030, 1)).toBe("100.03 %");
  expect(worstAt(100_004, 1)).toBe("100.004 %");
  expect(worstAt(101_500, 1)).toBe("101.5 %");
  expect(worstAt(99_980, 0)).toBe("100.0 %");
});

test("jobs beyond their tier are told apart: their floors were given up by name, or something came between", () => {
  const floors = { touchedCount: 9, brokenCount: 0, givenUpCount: 2, forcedCount: 0 };
  const text = (changes: Partial<typeof floors>): string =>
    renderTable({ ...outcome("One"), floors: { ...floors, ...changes } }).join("\n");
  expect(text({})).toMatch(/within their tier +7 of 9, 2 of tiers given up by name$/m);
  expect(text({ givenUpCount: 0, forcedCount: 3 })).toMatch(
    /6 of 9, 3 beyond it for what came between/,
  );
});

test("a lost supply is told in seconds only where it took some", () => {
  const supply = { id: "hub", leftWatts: 1_000, lostAtMs: 0 };
  const text = (boundedAfterMs: number | undefined, drawnOverMs: number): string => {
    const lost = { ...supply, boundedAfterMs, drawnOverMs, drawnOverWatts: 500 };
    return renderTable({ ...outcome("One"), lostSupplies: [lost] }).join("\n");
  };
  expect(text(0, 0)).toContain("within what was left at once, no more than that was drawn");
  expect(text(21_900, 3_000)).toContain(
    "within what was left after 21.9 s at most, up to 500 W more was drawn for 3.0 s",
  );
  expect(text(undefined, 3_000)).toContain("what could be drawn was never within what was left");
});

test("of jobs of which none has started nothing is told as if they had not waited", () => {
  const whole = outcome("Whole");
  const none = { mean: 0, median: 0, p95: 0, max: 0 };
  const idle: Outcome = {
    ...whole,
    jobs: {
      ...whole.jobs,
      endedCount: 0,
      succeededCount: 0,
      waitSeconds: none,
      slowdown10s: none,
      slowdown600s: none,
      stretch: none,
    },
  };
  const text = renderTable(idle).join("\n");
  expect(text).toMatch(/wait, mean and p95 +–$/m);
  expect(text).toMatch(/bounded slowdown \(10 s\), mean and p95 +–$/m);
  expect(text).toMatch(/runs longer than at full speed by +–$/m);
  expect(renderPage([idle])).toContain("<b>–</b><span>mean wait");
});

test("runs with unfinished jobs or broken promises are not compared, and it is said why", () => {
  const whole = outcome("Whole");
  const cut: Outcome = {
    ...whole,
    title: "Cut",
    violationCount: 1,
    ending: "stuck",
    jobs: {
      ...whole.jobs,
      unfinishedCount: 22,
      waitSeconds: { ...whole.jobs.waitSeconds, mean: 1 },
    },
  };
  const why = "These runs do not compare: Cut has 22 jobs unfinished, Cut broke a promise.";
  const table = renderComparison(whole, cut).join("\n");
  expect(table).toContain(why);
  expect(table).not.toMatch(/ better| worse/);
  expect(table).toContain("Cut: broken off at");
  const page = renderPage([whole, cut]);
  expect(page).toContain(why);
  expect(page).not.toMatch(/ better<| worse</);
});

test("the tile of promised starts says what the table says", () => {
  const whole = outcome("Whole");
  const promises = { ...whole.promises, promisedCount: 24, keptCount: 18, openCount: 6 };
  const page = renderPage([{ ...whole, promises }]);
  expect(page).toContain("<b>75.0 %</b><span>of promised starts kept");
  expect(page).toContain("18 of 24, 6 still to come when the run ended");
});

test("charts side by side share one time axis, and ramps go both ways", () => {
  const short = outcome("Short");
  const endMs = short.endMs + (short.endMs - short.startMs);
  const charts = chartsOf([short, { ...short, endMs }]).flatMap(({ rows }) => rows);
  for (const [left, right] of charts) {
    expect(left?.axisUntilMs).toBe(endMs);
    expect(right?.axisUntilMs).toBe(endMs);
    expect(left?.untilMs).toBe(short.endMs);
  }
  const ramp = charts.flat().find(({ title }) => title === "Ramp at example");
  const haveValues = ramp?.lines.map(({ values }) => values.some((value = 0) => value > 0));
  expect(haveValues).toEqual([true, true, false]);
});

test("a long queue does not flatten the GPUs that are held: each has a scale of its own", () => {
  const one = outcome("One");
  const queued = one.lines.map((line) =>
    line.name === "queuedGpus"
      ? { ...line, maxima: line.maxima.map(() => 100 * one.gpuCount) }
      : line,
  );
  const charts = chartsOf([{ ...one, lines: queued }]).flatMap(({ rows }) => rows.flat());
  const held = charts.find(({ title }) => title === "GPUs held");
  expect(held?.highest).toBeGreaterThan(0);
  expect(held?.highest).toBeLessThanOrEqual(one.gpuCount);
});

test("scales are round and hold everything", () => {
  expect(ticksTo(187)).toEqual([0, 50, 100, 150, 200]);
  expect(ticksTo(0)).toEqual([0, 1]);
  const ticks = timeTicks(Date.UTC(2026, 0, 1, 0, 2), Date.UTC(2026, 0, 1, 5, 0));
  expect(ticks.map(({ text }) => text)).toEqual(["01:00", "02:00", "03:00", "04:00", "05:00"]);
});

test("the page is named by what was run, and of two runs by how they differ", () => {
  const headOf = (outcomes: readonly Outcome[]): string =>
    /<title>(?<title>.*?)<\/title>/.exec(renderPage(outcomes))?.groups?.["title"] ?? "";
  const [first, more] = [outcome("First run"), outcome("With 60 kW more")];
  expect(headOf([first])).toBe("hall.yaml, day.csv");
  expect(headOf([first, more])).toBe("hall.yaml, day.csv: First run beside With 60 kW more");
  const other = { ...more, title: "With hub.yaml", subject: "hub.yaml, day.csv" };
  expect(headOf([first, other])).toBe(
    "First run (hall.yaml, day.csv) beside With hub.yaml (hub.yaml, day.csv)",
  );
});

test("on a narrow page, too, the day stands below midnight", () => {
  const one = outcome("One");
  const startMs = Date.UTC(2026, 0, 1, 11);
  const timesMs = one.timesMs.map((_, at) => startMs + at * 60_000);
  const endMs = startMs + 54 * 3_600_000;
  const page = renderPage([{ ...one, startMs, endMs, timesMs }]);
  const axis = /<div class="x">(?<ticks>.*?)<\/div>/.exec(page)?.groups?.["ticks"] ?? "";
  const shown = [...axis.matchAll(/<span style[^>]*>(?<text>[^<]*)</g)].map(
    ({ groups }) => groups?.["text"],
  );
  expect(shown).toEqual(["2 Jan", "3 Jan"]);
  expect(axis).toContain('class="spare"');
  expect(page).toContain(".x .spare{display:none}");
});
