import { expect, test } from "vitest";
import { defaultSteerSettings, type Measurement } from "./plan.ts";
import { startSteering, steer } from "./steer.ts";
import { testJob } from "./test-plant.ts";

const settings = { ...defaultSteerSettings, periodMs: 60_000 };
const target = { startMs: 0, endMs: 3_600_000, rampMs: 0, fromWatts: 50_000, targetWatts: 40_000 };

/** What the rest is believed to draw after minutes with these means. */
function restAfter(minutes: readonly Partial<Measurement>[]): number {
  let state = startSteering(settings);
  let restWatts = Number.NaN;
  minutes.forEach((told, minute) => {
    const rest = { restWatts: 20_000, restBoundWatts: 20_000, restMostWatts: 25_000, ...told };
    const atMs = (minute + 1) * 60_000;
    const measurement = { fromMs: atMs - 60_000, atMs, jobWatts: new Map([[1, 12_000]]), ...rest };
    const step = steer(state, { target, jobs: [testJob(1)], measurement, settings });
    ({ state, restWatts } = step);
  });
  return restWatts;
}

test("what those drew who are gone is no part of what is expected, though it is in the means of their last minute", () => {
  const before = Array.from({ length: 5 }, () => ({}));
  const last = { goneWatts: 8_000, restGoneWatts: 8_000 };
  expect(restAfter([...before, { ...last, restWatts: 19_500 }])).toBeCloseTo(12_000, -2);
  // Only for a moment of it were they there: what else there is, is believed to be as it was.
  expect(restAfter([...before, { ...last, restWatts: 12_500 }])).toBeCloseTo(12_000, -3);
  // Nobody is gone: it may be a dip.
  expect(restAfter([...before, { restWatts: 12_000 }])).toBeGreaterThan(19_000);
});

test("who was steered and is gone was no part of the rest before", () => {
  const before = Array.from({ length: 5 }, () => ({}));
  const last = { goneWatts: 8_000, restGoneWatts: 0, restWatts: 26_000 };
  expect(restAfter([...before, last])).toBeCloseTo(20_000, -3);
});

test("nor do they count when not all jobs were measured", () => {
  const before = Array.from({ length: 5 }, () => ({}));
  const stale = { restWatts: undefined, restBoundWatts: 19_000 };
  expect(restAfter([...before, { ...stale, goneWatts: 8_000, restGoneWatts: 8_000 }])).toBe(12_000);
});
