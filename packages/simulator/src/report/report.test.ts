import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { usualPlant } from "../plant/plant-rules.ts";
import { exampleFiles } from "../run/examples.ts";
import { prepare, type PreparedSimulation } from "../run/prepare.ts";
import { Simulation } from "../run/simulation.ts";
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
  return outcomeOf(simulation, { title, command: "ertis simulate <x>", rules: prepared.rules });
}

test("the same input gives the same outcome; the page needs no network and no script", () => {
  const first = outcome("One");
  expect(outcome("One")).toEqual(first);
  const page = renderPage([first]);
  expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/);
  expect(page).toContain("ertis simulate &lt;x&gt;");
  expect(page).toContain("prefers-color-scheme:dark");
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  expect(renderTable(first).join("\n")).toContain("violations");
});

test("two runs stand side by side, with what the second changes", () => {
  const [tight, wide] = [outcome("Tight", 70_000), outcome("Wide", 110_000)];
  const lines = renderComparison(tight, wide).join("\n");
  expect(lines).toMatch(/wait, mean and p95.*-\d+\.\d %.*better/);
  expect(wide.jobs.waitSeconds.mean).toBeLessThan(tight.jobs.waitSeconds.mean);
  expect(renderPage([tight, wide])).toContain('class="pair"');
});

test("scales are round and hold everything", () => {
  expect(ticksTo(187)).toEqual([0, 50, 100, 150, 200]);
  expect(ticksTo(0)).toEqual([0, 1]);
  const ticks = timeTicks(Date.UTC(2026, 0, 1, 0, 2), Date.UTC(2026, 0, 1, 5, 0));
  expect(ticks.map(({ text }) => text)).toEqual(["01:00", "02:00", "03:00", "04:00", "05:00"]);
});
