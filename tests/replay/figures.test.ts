import { describe, expect, it } from "vitest";
import { boundedSlowdown, figuresOf, percentile, spreadOf } from "./figures.ts";
import { type JobFacts, submittedFacts } from "./run-facts.ts";

function facts(change: Partial<JobFacts>): JobFacts {
  return { ...submittedFacts({ requestId: "", gpuCount: 1, submittedAtMs: 0 }), ...change };
}

describe("percentile", () => {
  it("is the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([
      50, 95, 99, 100,
    ]);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBe(0);
  });

  it("does not care for the order of the values", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ mean: 2, median: 2, p95: 3, max: 3 });
    expect(spreadOf([])).toEqual({ mean: 0, median: 0, p95: 0, max: 0 });
  });
});

describe("boundedSlowdown", () => {
  it("is 1 without a wait, and counts short jobs as 10 s", () => {
    expect(boundedSlowdown(0, 100)).toBe(1);
    expect(boundedSlowdown(60_000, 60_000)).toBe(2);
    expect(boundedSlowdown(99_000, 1_000)).toBe(10);
  });
});

describe("figuresOf", () => {
  it("sums what jobs held, by outcome", () => {
    const hourMs = 3_600_000;
    const figures = figuresOf([
      facts({
        gpuCount: 8,
        placedAtMs: hourMs,
        exitedAtMs: 3 * hourMs,
        releasedAtMs: 4 * hourMs,
        outcome: "succeeded",
        powerReservedWatts: 5_000,
        energyJoules: 7_200_000,
      }),
      facts({
        submittedAtMs: hourMs,
        placedAtMs: hourMs,
        exitedAtMs: 2 * hourMs,
        outcome: "failed",
        failureCategory: "walltime",
        powerReservedWatts: 1_000,
      }),
      facts({ submittedAtMs: 2 * hourMs, placedAtMs: 2 * hourMs }),
    ]);
    expect(figures).toMatchObject({
      jobCount: 3,
      succeededCount: 1,
      failedCount: 1,
      failedByCategory: { walltime: 1 },
      unfinishedCount: 1,
      waitSeconds: { mean: 1_800, max: 3_600 },
      boundedSlowdown: { mean: 1.25, max: 1.5 },
      gpuHours: 17,
      measuredKilowattHours: 2,
      reservedKilowattHours: 16,
      spanMs: 3 * hourMs,
    });
    expect(figures.meanGpusHeld).toBeCloseTo(17 / 3, 12);
  });
});
