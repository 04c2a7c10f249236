import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a burst goes through at once, then one call each interval", () => {
  const bucket = new TokenBucket({ callsPerSecond: 10, burst: 3 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0]);
  expect(bucket.take(0)).toBe(100);
  expect(bucket.take(99)).toBeGreaterThan(0);
  expect(bucket.take(200)).toBe(0);
});

test("never more than burst + rate × time, and waiting as told is enough", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 100 }),
      (callsPerSecond, burst, gaps) => {
        const bucket = new TokenBucket({ callsPerSecond, burst }, 0);
        let nowMs = 0;
        let passed = 0;
        for (const gap of gaps) {
          nowMs += gap;
          passed += bucket.take(nowMs) === 0 ? 1 : 0;
        }
        expect(passed).toBeLessThanOrEqual(burst + (nowMs * callsPerSecond) / 1_000 + 1e-6);
        const waitMs = bucket.take(nowMs);
        expect(waitMs === 0 ? 0 : bucket.take(nowMs + waitMs)).toBe(0);
      },
    ),
    { seed: 3 },
  );
});
