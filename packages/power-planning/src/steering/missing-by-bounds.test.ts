import { expect, test } from "vitest";
import { missingByBounds } from "./missing-by-bounds.ts";
import { defaultSteerSettings, type SteerJob } from "./plan.ts";
import { startSteering, steer } from "./steer.ts";
import { testJob } from "./test-plant.ts";

const settings = { ...defaultSteerSettings, periodMs: 60_000 };
const target = { startMs: 0, endMs: 3_600_000, rampMs: 0, fromWatts: 50_000, targetWatts: 40_000 };
const floorWatts = 32 * 200;

/** What a promised start misses beside one job: as it is steered, and by bounds. */
function missing(
  promisedWatts: number,
  { restMostWatts, job = {} }: { restMostWatts?: number; job?: Partial<SteerJob> },
): readonly [number, number] {
  const rest = { restWatts: 10_000, restBoundWatts: 10_000, promisedWatts };
  const input = {
    target,
    jobs: [testJob(1, job)],
    measurement: {
      fromMs: 0,
      atMs: 60_000,
      jobWatts: new Map([[1, 12_000]]),
      ...rest,
      ...(restMostWatts === undefined ? {} : { restMostWatts }),
    },
    settings,
  };
  const step = steer(startSteering(settings), input);
  return [step.missingWatts, missingByBounds(step, input)];
}

test("what only the margin of the steering takes is not missing where bounds fit at the caps just asked for", () => {
  const all = target.targetWatts - floorWatts - 10_000;
  const [steered, byBounds] = missing(all, { restMostWatts: 10_000 });
  expect(steered).toBeGreaterThan(500);
  expect(byBounds).toBe(0);
  expect(missing(all + 100, { restMostWatts: 10_000 })[1]).toBeCloseTo(100, 6);
});

test("no more is missing than the steering misses, whatever bounds are or where nobody knows them", () => {
  for (const restMostWatts of [undefined, 20_000]) {
    const [steered, byBounds] = missing(
      24_000,
      restMostWatts === undefined ? {} : { restMostWatts },
    );
    expect(steered).toBeGreaterThan(0);
    expect(byBounds).toBe(steered);
  }
});

test("who cannot be lowered counts at the cap in force", () => {
  const all = target.targetWatts - floorWatts - 10_000;
  const job = { floorCapWatts: 400 };
  const [steered, byBounds] = missing(all, { restMostWatts: 10_000, job });
  expect(byBounds).toBeCloseTo(Math.min(steered, 32 * 200), 6);
});
