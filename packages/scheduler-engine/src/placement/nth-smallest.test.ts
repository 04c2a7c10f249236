import fc from "fast-check";
import { expect, test } from "vitest";
import { nthSmallest } from "./nth-smallest.ts";

test("it is the value at that position of the sorted ones, however many are the same", () => {
  const values = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true, min: 0 })),
    {
      minLength: 1,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(values, fc.nat(), (all, seed) => {
      const position = seed % all.length;
      const sorted = Float64Array.from(all).toSorted();
      expect(nthSmallest(Float64Array.from(all), position)).toBe(sorted[position]);
    }),
    { numRuns: 500 },
  );
});
