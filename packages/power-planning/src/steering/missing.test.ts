import { expect, test } from "vitest";
import { defaultSteerSettings } from "./plan.ts";
import { startSteering, steer } from "./steer.ts";
import { testJob } from "./test-plant.ts";

const settings = { ...defaultSteerSettings, periodMs: 60_000 };
const target = { startMs: 0, endMs: 3_600_000, rampMs: 0, fromWatts: 50_000, targetWatts: 40_000 };

/** What the floors of a job miss beside so much that nobody can lower. */
function missingBeside(restWatts: number, promisedWatts: number): number {
  const jobWatts = new Map([[1, 12_000]]);
  const rest = { restWatts, restBoundWatts: restWatts, promisedWatts };
  const measurement = { fromMs: 0, atMs: 60_000, jobWatts, ...rest };
  return steer(startSteering(settings), { target, jobs: [testJob(1)], measurement, settings })
    .missingWatts;
}

test("what is missing is told to the watt, also where the rest or promised starts alone are above the target", () => {
  const missing = missingBeside(39_000, 0);
  expect(missing).toBeGreaterThan(0);
  expect(missingBeside(39_000, 30_000)).toBeCloseTo(missing + 30_000, 6);
  expect(missingBeside(69_000, 0)).toBeCloseTo(missing + 30_000, 6);
});
