import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { usualPlant } from "../plant/plant-rules.ts";
import { exampleFiles } from "../run/examples.ts";
import { prepare, type TextFile } from "../run/prepare.ts";
import { Simulation } from "../run/simulation.ts";

const everyMs = 300_000;
const feed = 0;

function read(file: string): TextFile {
  return { file, text: readFileSync(file, "utf8") };
}

function started(): Simulation {
  const prepared = prepare({
    site: read(exampleFiles.site),
    trace: read(exampleFiles.trace),
    events: undefined,
    seed: 1,
    plant: { ...usualPlant, readingNoise: 0 },
    scale: { jobsMax: 60 },
    draw: {},
    measureEveryMs: everyMs,
    horizonMs: 6 * 3_600_000,
    feedBudgetWatts: 80_000,
  });
  if (prepared.kind === "refused") {
    throw new Error(prepared.lines.join("\n"));
  }
  return new Simulation(prepared.input);
}

/** Draws that stay as they are between two moments, added up by hand. */
class Sums {
  readonly #wattMs = new Map<string, number>();

  add(name: string, wattMs: number): void {
    this.#wattMs.set(name, (this.#wattMs.get(name) ?? 0) + wattMs);
  }

  mean(name: string): number {
    return (this.#wattMs.get(name) ?? 0) / everyMs;
  }
}

test("meters say the mean since they were read last, of domains, attempts and GPUs", () => {
  const simulation = started();
  const { controller, plant } = simulation;
  const batches = vi.spyOn(controller, "runBatch");
  let sums = new Sums();
  let changedCount = 0;
  let isMore = true;
  while (isMore) {
    const fromMs = simulation.nowMs;
    const feedWatts = plant.power.domainWatts(feed);
    const attempts = [...plant.attempts].map(([name, one]) => [name, one.drawn.watts] as const);
    const gpus = [...plant.attempts].map(([name, one]) => [name, one.gpuDrawn.watts] as const);
    batches.mockClear();
    isMore = simulation.step(1);
    const lengthMs = simulation.nowMs - fromMs;
    sums.add("feed", feedWatts * lengthMs);
    attempts.forEach(([name, watts]) => sums.add(name, watts * lengthMs));
    gpus.forEach(([name, watts]) => sums.add(`${name} gpu`, watts * lengthMs));
    const told = batches.mock.calls
      .flatMap(([, requests]) => requests)
      .find((one) => one.kind === "measure");
    if (told === undefined) {
      continue;
    }
    expect(Math.abs((told.domains[feed]?.watts ?? 0) - sums.mean("feed"))).toBeLessThan(0.51);
    expect(told.attempts).toHaveLength(attempts.length);
    for (const { attempt, watts, gpuWatts } of told.attempts) {
      const name = `${attempt.job}/${attempt.task}/${attempt.attempt}`;
      expect(Math.abs(watts - sums.mean(name))).toBeLessThan(0.51);
      expect(Math.abs((gpuWatts ?? 0) - sums.mean(`${name} gpu`))).toBeLessThan(0.51);
    }
    changedCount += Math.abs(feedWatts - sums.mean("feed")) > 100 ? 1 : 0;
    sums = new Sums();
  }
  // Where nothing ever changes within an interval, means and samples are the same.
  expect(changedCount).toBeGreaterThan(20);
});
