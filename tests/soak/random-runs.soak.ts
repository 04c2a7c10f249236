/**
 * Random runs, as `tests/simulation/random-runs.test.ts` has them, over `ERTIS_SOAK_SEEDS` seeds from
 * `ERTIS_SEED` on; every third time its feed has a ramp. 4,700 seeds are some ten million events.
 */
import { expect, test } from "vitest";
import { randomRun, replayCommand } from "../simulation/random-run.ts";

const jobCount = 150;
const seedCount = Number(process.env["ERTIS_SOAK_SEEDS"] ?? "300");
const firstSeed = Number(process.env["ERTIS_SEED"] ?? "1");
const seedsOfTest = 50;
const ramp = "25 kW/min over 60 s";

const parts = Array.from(
  { length: Math.ceil(seedCount / seedsOfTest) },
  (_, part) => firstSeed + part * seedsOfTest,
);

test.each(parts)("every promise holds over the seeds from %i on", (first) => {
  const broken: string[] = [];
  let eventCount = 0;
  const last = Math.min(first + seedsOfTest, firstSeed + seedCount);
  for (let seed = first; seed < last; seed += 1) {
    const rampOfSeed = seed % 3 === 0 ? ramp : undefined;
    const run = randomRun(seed, jobCount, rampOfSeed);
    eventCount += run.eventCount;
    const replay = replayCommand(seed, jobCount, rampOfSeed);
    broken.push(...run.violations.map((one) => `${replay}: ${one.property}: ${one.message}`));
  }
  console.log(`${last - first} seeds from ${first} on: ${eventCount} events`);
  expect(broken).toEqual([]);
  expect(eventCount).toBeGreaterThan((last - first) * jobCount * 3);
});
