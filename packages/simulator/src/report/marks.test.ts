import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exactPlant } from "../plant/plant-rules.ts";
import { exampleFiles } from "../run/examples.ts";
import { prepare } from "../run/prepare.ts";
import { Simulation } from "../run/simulation.ts";
import { chartsOf } from "./html/charts-of.ts";
import { renderPage } from "./html/render-page.ts";
import { concerns } from "./marks.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

const events = `events:
  - {at: 1h, kind: curtailment, id: evening, domain: substation-1, target: 98 kW, notice: 30min, for: 2h, mode: planned}
  - {at: 1h, kind: curtailment, id: refused, domain: feed, target: 1 W, notice: 30min, for: 2h, mode: planned}
  - {at: 2h, kind: cancel-curtailment, id: evening}
  - {at: 3h, kind: node-failure, domain: substation-1/hall-1/row-1/rack-1, nodes: 2}
  - {at: 4h, kind: feed-loss, domain: substation-1/hall-1, left: 70 %, for: 30min}
  - {at: 5h, kind: stale-telemetry, for: 10min}
  - {at: 50h, kind: stuck-caps, for: 10min}
`;

function played(): Outcome {
  const read = (file: string): { readonly file: string; readonly text: string } => ({
    file,
    text: readFileSync(file, "utf8"),
  });
  const prepared = prepare({
    site: read(exampleFiles.site),
    trace: read(exampleFiles.trace),
    events: { file: "events.yaml", text: events },
    seed: 1,
    plant: exactPlant,
    scale: { jobsMax: 40 },
    draw: {},
    measureEveryMs: minuteMs,
    horizonMs: 6 * hourMs,
    feedBudgetWatts: undefined,
  });
  if (prepared.kind === "refused") {
    throw new Error(prepared.lines.join("\n"));
  }
  const simulation = new Simulation(prepared.input);
  while (simulation.step(1_000)) {
    // Goes on.
  }
  return outcomeOf(simulation, { title: "Run", subject: "marks", command: "", rules: [] });
}

test("plots mark what happened to the site: only what was accepted, to the moment at which it was over", () => {
  const outcome = played();
  const { marks, startMs } = outcome;
  const told = marks.map(({ text, fromMs, untilMs }) => [
    text,
    Math.round((fromMs - startMs) / minuteMs),
    Math.round((untilMs - fromMs) / minuteMs),
  ]);
  expect(told).toEqual([
    ["curtailment evening", 90, 30],
    ["2 nodes lost", 180, 0],
    ["lost supply", 240, 30],
    ["stale telemetry", 300, 10],
  ]);
  const page = renderPage([outcome]);
  expect(page).toMatch(
    /<g class="mark supply"><title>[^<]*, lost supply at example\/substation-1\/hall-1<\/title><path d="M/,
  );
  expect(page).toContain("What happened to the site, 4 in all");
  // At every plot of a part of the site what concerns that part.
  const rack = chartsOf([outcome])
    .flatMap(({ rows }) => rows.flat())
    .find(({ title }) => title.endsWith("hall-1/row-2"));
  expect(rack?.marks.map(({ kind }) => kind)).toEqual(["curtailment", "supply", "unheard"]);
});

test("what happens above a domain or below it concerns it, and nothing else does", () => {
  const mark = { kind: "supply", text: "", domain: "hub/a", fromMs: 0, untilMs: 1 } as const;
  const shown = ["hub", "hub/a", "hub/a/row", "hub/ab", "hub/b"];
  expect(shown.filter((domain) => concerns(mark, domain))).toEqual(["hub", "hub/a", "hub/a/row"]);
});
