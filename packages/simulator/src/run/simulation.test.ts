import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { usualPlant } from "../plant/plant-rules.ts";
import { renderPage } from "../report/html/render-page.ts";
import { outcomeOf } from "../report/outcome.ts";
import { renderTable } from "../report/render-table.ts";
import { exampleFiles } from "./examples.ts";
import { prepare, type SimulationRequest, type TextFile } from "./prepare.ts";
import { Simulation } from "./simulation.ts";

function read(file: string): TextFile {
  return { file, text: readFileSync(file, "utf8") };
}

function example(changes: Partial<SimulationRequest>): Simulation {
  const prepared = prepare({
    site: read(exampleFiles.site),
    trace: read(exampleFiles.trace),
    events: undefined,
    seed: 1,
    plant: usualPlant,
    scale: {},
    draw: {},
    measureEveryMs: 0,
    horizonMs: Infinity,
    feedBudgetWatts: undefined,
    ...changes,
  });
  if (prepared.kind === "refused") {
    throw new Error(prepared.lines.join("\n"));
  }
  return new Simulation(prepared.input);
}

function play(simulation: Simulation): Simulation {
  while (simulation.step(1_000)) {
    // Goes on.
  }
  return simulation;
}

test("speed that was lost is given back when a job ends", () => {
  const simulation = example({ scale: { jobsMax: 60 }, feedBudgetWatts: 80_000 });
  let lostGpusMax = 0;
  while (simulation.step(50)) {
    lostGpusMax = Math.max(lostGpusMax, simulation.plant.work.lostGpus);
  }
  expect(lostGpusMax).toBeGreaterThan(0);
  // The example has 128 GPUs.
  expect(lostGpusMax).toBeLessThanOrEqual(128);
  expect(simulation.plant.work.lostGpus).toBeCloseTo(0, 6);
});

test("meters tell the draw of whole nodes apart by attempt, idle watts included", () => {
  const simulation = example({ scale: { jobsMax: 60 } });
  let seenCount = 0;
  while (simulation.step(20)) {
    const { attempts, power } = simulation.plant;
    for (const attempt of attempts.values()) {
      if (attempt.job.gpusPerNode === 8 && attempt.phase === "running") {
        const nodes = attempt.nodes.reduce((sum, node) => sum + power.nodeWatts(node), 0);
        expect(attempt.drawn.watts).toBeCloseTo(nodes, 6);
        seenCount += 1;
      }
    }
  }
  expect(seenCount).toBeGreaterThan(5);
});

test("the curtailment of the example under a budget comes to its end", () => {
  const simulation = play(
    example({
      events: read(exampleFiles.events),
      scale: { jobsMax: 140 },
      measureEveryMs: 60_000,
      feedBudgetWatts: 80_000,
    }),
  );
  expect(simulation.checks.violations).toEqual([]);
  expect(simulation.progress()).toMatchObject({ finishedCount: 140, jobCount: 140 });
});

test("a ramp is kept by all that is planned, and what nobody planned is counted", () => {
  const { file, text } = read(exampleFiles.site);
  const ramped = text.replace(
    "  limit: 160 kW\n",
    "  limit: 160 kW\n  ramp: 12 kW/min over 60 s\n",
  );
  expect(ramped).not.toBe(text);
  const simulation = play(
    example({
      site: { file, text: ramped },
      events: read(exampleFiles.events),
      scale: { jobsMax: 120 },
      measureEveryMs: 60_000,
    }),
  );
  const { violations } = simulation.checks;
  expect(violations.filter(({ property }) => property === "ramp")).toEqual([]);
  const outcome = outcomeOf(simulation, {
    title: "Run",
    subject: "hub",
    command: "ertis simulate",
    rules: [],
  });
  expect(outcome.ramps).toMatchObject([{ id: "example", limitWatts: 12_000 }]);
  // A ramp that never binds and ends that never surprise would show nothing.
  expect(outcome.ramps[0]?.bounds?.upWatts).toBeGreaterThan(11_000);
  expect(outcome.ramps[0]?.overCounts.end).toBeGreaterThan(0);
  expect(renderTable(outcome).join("\n")).toMatch(/steepest ramp at example .*limit 12.0 kW/);
});

test("a run whose last jobs never fit ends when nothing can start them, and says so", () => {
  const simulation = play(example({ scale: { jobsMax: 100 }, feedBudgetWatts: 60_000 }));
  expect(simulation.ending).toBe("stalled");
  const { finishedCount, jobCount } = simulation.progress();
  expect(finishedCount).toBeGreaterThan(0);
  expect(finishedCount).toBeLessThan(jobCount);
  const outcome = outcomeOf(simulation, {
    title: "Run",
    subject: "hub",
    command: "ertis simulate",
    rules: [],
  });
  // What nobody moved in is no part of the account, nor is the time in which it was looked for.
  const ends = [...simulation.recorder.jobs.values()].map(({ endedAtMs = 0 }) => endedAtMs);
  expect(outcome.endMs - Math.max(...ends)).toBeLessThan(10_000);
  expect(outcome.budgetUsed).toBeGreaterThan(0.8);
  expect(outcome.leftJobs.map(({ why }) => why).join("\n")).toMatch(/has .* free of .*, needs /);
  expect(renderTable(outcome).join("\n")).toContain(outcome.leftJobs[0]?.why);
  const text = `stalled at .*nothing is to come, and ${jobCount - finishedCount} jobs? wait`;
  expect(renderTable(outcome).join("\n")).toMatch(new RegExp(text));
  expect(renderPage([outcome])).toMatch(new RegExp(text));
  // Their waits count nowhere.
  expect(renderTable(outcome).join("\n")).toMatch(
    new RegExp(`wait, mean and p95 .* of the ${finishedCount} that ended`),
  );
  expect(renderPage([outcome])).toContain("mean wait of those that ended");
});

test("jobs that wait in vain make no passes of their own: only what changes does", () => {
  const simulation = play(example({ scale: { jobsMax: 60 }, feedBudgetWatts: 34_000 }));
  expect(simulation.ending).toBe("stalled");
  // Each event may bring a few passes. A pass a second would be tens of thousands in these hours.
  expect(simulation.momentCount).toBeLessThan(5 * simulation.checks.eventCount);
});

test("what the scheduler refuses is told with its moment and the name it has in the events file", () => {
  const text = `events:
  - {at: 1h, kind: curtailment, id: peak, domain: feed, target: 10 %, notice: 2h, for: 3h}
`;
  const simulation = play(
    example({ events: { file: "events.yaml", text }, scale: { jobsMax: 20 } }),
  );
  const outcome = outcomeOf(simulation, { title: "Run", subject: "hub", command: "", rules: [] });
  expect(outcome.refusedCount).toBe(1);
  expect(outcome.refusals[0]).toMatch(
    /^2026-01-01 01:02, curtailment peak: .* with every job paused/,
  );
});

test("an emergency that ends above a planned curtailment lets nobody back only to pause him again", () => {
  const text = `events:
  - {at: 9h, kind: curtailment, id: inner, domain: substation-1/hall-1/row-1, target: 85 %, notice: 20min, for: 1h, ramp: 5min, mode: planned}
  - {at: 9h30min, kind: curtailment, id: em, domain: feed, target: 75 %, for: 20min, mode: emergency, giveUp: "50"}
`;
  const simulation = play(
    example({
      events: { file: "events.yaml", text },
      seed: 5,
      measureEveryMs: 10_000,
      horizonMs: 11 * 3_600_000,
    }),
  );
  expect(simulation.refusals.count).toBe(0);
  expect(simulation.checks.violations).toEqual([]);
});

test("an emergency above a planned curtailment plans its pauses for its own time, and keeps every tier", () => {
  const rows = Array.from({ length: 14 }, (_, job) => {
    const tier = [2, 5, 8, 11].includes(job) ? 25 : 50;
    return `1,20000,8,1,${tier},fine-tune,30,30,28800`;
  });
  const header = "submit_s,duration_s,gpus,nodes,tier,class,save_s,restore_s,walltime_s";
  const text = `events:
  - {at: 40min, kind: curtailment, id: inner, domain: substation-1/hall-1/row-1, target: 90 %, notice: 15min, for: 60min, ramp: 5min, mode: planned}
  - {at: 60min, kind: curtailment, id: em, domain: feed, target: 80500 W, for: 15min, mode: emergency}
`;
  const simulation = play(
    example({
      trace: { file: "jobs.csv", text: [header, ...rows, ""].join("\n") },
      events: { file: "events.yaml", text },
      measureEveryMs: 10_000,
      horizonMs: 3 * 3_600_000,
    }),
  );
  expect(simulation.refusals.count).toBe(0);
  const outcome = outcomeOf(simulation, { title: "Run", subject: "hub", command: "", rules: [] });
  expect(renderTable(outcome).join("\n")).toMatch(/within their tier +22 of 22$/m);
});
