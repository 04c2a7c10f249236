import { expect, test } from "vitest";
import { TimeSeries } from "./time-series.ts";

test("means weigh by time, and a long run takes no more buckets", () => {
  const series = new TimeSeries(0, 1, 4);
  series.add(0, 500, Float64Array.of(10));
  series.add(500, 1_000, Float64Array.of(20));
  series.add(1_000, 100_000, Float64Array.of(5));
  const buckets = series.buckets();
  expect(buckets.length).toBeLessThanOrEqual(4);
  const area = buckets.reduce((sum, { means }, at) => {
    const until = Math.min(100_000, (at + 1) * series.widthMs);
    return sum + (means[0] ?? 0) * (until - at * series.widthMs);
  }, 0);
  expect(area).toBeCloseTo(500 * 10 + 500 * 20 + 99_000 * 5, 6);
  expect(buckets[0]?.maxima).toEqual([20]);
});
