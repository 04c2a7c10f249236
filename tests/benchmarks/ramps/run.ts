import {
  exactPlant,
  type PlantRules,
  type SimulatedJob,
  Simulation,
  usualPlant,
} from "@ertis/simulator";
import { gangAccounts } from "./gangs.ts";
import { rampedSite } from "./site.ts";

/** Starts, stops and caps take as long as usual; draw is what the curve says, and nothing fails. */
const plant: PlantRules = {
  ...exactPlant,
  startDelayMs: usualPlant.startDelayMs,
  stopDelayMs: usualPlant.stopDelayMs,
  confirmDelayMs: usualPlant.confirmDelayMs,
  capDelayMs: usualPlant.capDelayMs,
};

export interface RampRun {
  /** Mean draw of the feed in every second of the run. */
  readonly watts: Float64Array;
  readonly makespanMs: number;
  readonly endedCount: number;
  /** Planned steps of the bounds in force that passed the limit, and whatever else was broken. */
  readonly violations: readonly string[];
  /** Steps that were not planned and passed the limit, by cause. */
  readonly overCounts: Readonly<Record<string, number>>;
  /** As the scheduler itself counts and reports them. */
  readonly unplannedCount: number;
  readonly unplannedOverCount: number;
}

/** The production engine on the gangs' rounds; no ramp: nothing limits how fast the feed changes. */
export function runGangs(
  jobs: readonly SimulatedJob[],
  rampWattsPerMinute: number | undefined,
  seed: number,
): RampRun {
  const simulation = new Simulation({
    ...rampedSite(rampWattsPerMinute),
    jobs,
    events: [],
    seed,
    plant,
    accounts: gangAccounts,
    measureEveryMs: 10_000,
    horizonMs: Infinity,
    feedBudgetWatts: undefined,
  });
  const drawn = new SecondMeans(simulation.startMs);
  for (let isOn = true; isOn;) {
    const { nowMs } = simulation;
    const watts = simulation.plant.power.domainWatts(0);
    isOn = simulation.step(1);
    drawn.pass(nowMs, simulation.nowMs, watts);
  }
  const { checks, recorder, controller, startMs } = simulation;
  const ends = [...recorder.jobs.values()].flatMap(({ endedAtMs }) => endedAtMs ?? []);
  const tally = [...controller.engine.state.ramps.values()][0]?.tallies[0];
  return {
    watts: drawn.means(),
    makespanMs: Math.max(...ends) - startMs,
    endedCount: ends.length,
    violations: checks.violations.map(({ property, message }) => `${property}: ${message}`),
    overCounts: checks.ramps.score(simulation.nowMs)[0]?.overCounts ?? {},
    unplannedCount: tally?.unplannedCount ?? 0,
    unplannedOverCount: tally?.unplannedOverCount ?? 0,
  };
}

/** What is drawn between two moments, as means of whole seconds. */
class SecondMeans {
  readonly #startMs: number;
  readonly #means: number[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  pass(fromMs: number, untilMs: number, watts: number): void {
    for (let atMs = fromMs; atMs < untilMs;) {
      const second = Math.floor((atMs - this.#startMs) / 1_000);
      const next = Math.min(untilMs, this.#startMs + (second + 1) * 1_000);
      this.#means[second] = (this.#means[second] ?? 0) + (watts * (next - atMs)) / 1_000;
      atMs = next;
    }
  }

  /** The last second may not be whole, and is left out. */
  means(): Float64Array {
    return Float64Array.from(this.#means.slice(0, -1));
  }
}
