import fc from "fast-check";
import { expect, test } from "vitest";
import { largestWith } from "./largest-with.ts";

const workMs = 1_000;

test("the largest count that fits is found, also where smaller ones run into what comes later", () => {
  // Rooms of three windows, one after the other, each with what fits in it.
  const windows = fc.record({
    high: fc.integer({ min: 1, max: 60 }),
    first: fc.integer({ min: 20, max: 200 }),
    second: fc.integer({ min: 200, max: 900 }),
    rooms: fc.tuple(fc.nat({ max: 70 }), fc.nat({ max: 70 }), fc.nat({ max: 70 })),
  });
  let differs = 0;
  fc.assert(
    fc.property(windows, ({ high, first, second, rooms: [now, then, later] }) => {
      const endsByMs = (count: number): number => Math.ceil(workMs / count);
      const fits = (count: number): boolean =>
        count <= now &&
        (endsByMs(count) <= first || count <= then) &&
        (endsByMs(count) <= second || count <= later);
      const asked: number[] = [];
      const found = largestWith({ low: 1, high, endsByMs, momentsMs: [second, first] }, (count) => {
        asked.push(count);
        return fits(count) ? count : undefined;
      });
      const all = Array.from({ length: high }, (_, at) => at + 1).filter(fits);
      expect(found).toBe(all.at(-1));
      // Not every count is asked.
      expect(asked.length).toBeLessThanOrEqual(3 + 6);
      differs += found !== undefined && all.length < found ? 1 : 0;
    }),
    { seed: 4, numRuns: 2_000 },
  );
  expect(differs).toBeGreaterThan(50);
});

test("nothing is asked where no count is allowed", () => {
  const tried = { low: 5, high: 4, endsByMs: () => 0, momentsMs: [] };
  expect(largestWith(tried, (count) => count)).toBeUndefined();
});
