import { readFileSync } from "node:fs";
import { exampleFiles, outcomeOf, prepare, Simulation, usualPlant } from "@ertis/simulator";
import { type EventScore, EventTally, momentOf } from "./event-tally.ts";

const targetWatts = 98_000;
const hourMs = 3_600_000;
const rampMs = 600_000;
const startsAfterMs = 10 * hourMs;
const endsAfterMs = 13 * hourMs;

/** The same watts for the same hours: as a target for what is drawn, and as a budget of bounds. */
const events = {
  target: `{at: 8h, kind: curtailment, id: day, domain: feed, target: 98 kW, notice: 2h, for: 3h, ramp: 10min, mode: planned}`,
  budget: `{at: 8h, kind: budget, domain: feed, ceiling: 98 kW, notice: 2h, for: 3h}`,
};

export interface DayScore extends EventScore {
  readonly isRefused: boolean;
  readonly curtailedCount: number;
  readonly floorsBrokenCount: number;
  readonly violationCount: number;
}

/** The built-in day of the simulator through the production engine, until the event is over. */
export function playDay(seed: number, held: keyof typeof events): DayScore {
  const prepared = prepare({
    site: read(exampleFiles.site),
    trace: read(exampleFiles.trace),
    events: { file: "b1c.yaml", text: `events:\n  - ${events[held]}\n` },
    seed,
    plant: usualPlant,
    scale: {},
    draw: {},
    measureEveryMs: 10_000,
    horizonMs: endsAfterMs + rampMs,
    feedBudgetWatts: undefined,
  });
  if (prepared.kind === "refused") {
    throw new Error(prepared.lines.join("\n"));
  }
  const simulation = new Simulation(prepared.input);
  const fromMs = simulation.startMs + startsAfterMs + rampMs;
  const untilMs = simulation.startMs + endsAfterMs;
  const tally = new EventTally(fromMs, untilMs);
  for (let isOn = true; isOn;) {
    const { nowMs } = simulation;
    const now = nowMs + hourMs >= fromMs && nowMs < untilMs ? momentOf(simulation) : undefined;
    isOn = simulation.step(1);
    if (now !== undefined) {
      tally.pass(nowMs, simulation.nowMs, now);
    }
  }
  const { floors, refusals, violations } = outcomeOf(simulation, {
    title: "B1c",
    subject: "B1c",
    command: "npm run benchmark -- B1c",
    rules: prepared.rules,
  });
  return {
    ...tally.score(targetWatts),
    isRefused: refusals.length > 0,
    curtailedCount: floors.touchedCount,
    floorsBrokenCount: floors.brokenCount,
    violationCount: violations.length,
  };
}

function read(file: string): { readonly file: string; readonly text: string } {
  return { file, text: readFileSync(file, "utf8") };
}
