import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LatencyHistogram } from "./latency.ts";

describe("LatencyHistogram", () => {
  it("is never below the exact percentile and above it by at most a sixteenth and 1 µs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1 }),
        (times) => {
          const histogram = new LatencyHistogram();
          for (const time of times) {
            histogram.add(time);
          }
          const sorted = times.toSorted((a, b) => a - b);
          const summary = histogram.summary();
          expect(summary.count).toBe(times.length);
          expect(summary.maxMs).toBe(sorted.at(-1));
          for (const [share, found] of [
            [0.5, summary.p50Ms],
            [0.99, summary.p99Ms],
          ] as const) {
            const exact = sorted[Math.ceil(times.length * share) - 1] ?? 0;
            expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
            expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 16) + 0.001);
          }
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });

  it("takes times of nothing and of years, and says zero of no time at all", () => {
    expect(new LatencyHistogram().summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
    const histogram = new LatencyHistogram();
    histogram.add(0);
    histogram.add(1e14);
    expect(histogram.summary()).toEqual({ count: 2, p50Ms: 0, p99Ms: 1e14, maxMs: 1e14 });
  });
});
