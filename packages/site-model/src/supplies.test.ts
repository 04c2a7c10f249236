import { toNumber, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ratio } from "./ratio.ts";
import type { Redundancy } from "./site.ts";
import { redundancyMistake, usableWatts } from "./supplies.ts";

const usable = (supplies: readonly number[], redundancy: Redundancy, percent = 100): number =>
  toNumber(usableWatts(supplies.map(watts), redundancy, ratio(BigInt(percent), 100n)));

describe("usable watts", () => {
  test.each([
    [[100, 50], "none", 150],
    [[100, 50, 70], "N+1", 120],
    [[100, 100], "2N", 100],
    [[100, 90], "2N", 90],
    [[60, 40, 50, 45], "2N", 95],
  ] as const)("of %j with %s are %i", (supplies, redundancy, expected) => {
    expect(usable(supplies, redundancy)).toBe(expected);
  });

  test("are rounded once, down", () => {
    expect(usable([99, 99, 99], "N+1", 85)).toBe(168);
    expect(usable([1], "none", 99)).toBe(0);
  });

  test("never exceed what survives any single failure, found by trying them all", () => {
    const supplies = fc.array(fc.integer({ min: 1, max: 1_000_000 }), {
      minLength: 2,
      maxLength: 8,
    });
    const percents = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(supplies, percents, fc.constantFrom("N+1", "2N"), (all, percent, redundancy) => {
        fc.pre(redundancyMistake(all.map(watts), redundancy) === undefined);
        const found = usable(all, redundancy, percent);
        const survivors = survivorsOf(all, redundancy);
        for (const survivor of survivors) {
          expect(found * 100).toBeLessThanOrEqual(survivor * percent);
        }
        // And not less than the worst of them allows.
        expect((found + 1) * 100).toBeGreaterThan(Math.min(...survivors) * percent);
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

/** What is left after each single failure: of one supply, and with 2N also of one whole side. */
function survivorsOf(all: readonly number[], redundancy: "N+1" | "2N"): readonly number[] {
  const sum = (some: readonly number[]): number => some.reduce((total, one) => total + one, 0);
  const withoutOne = all.map((_, failed) => sum(all.filter((__, index) => index !== failed)));
  const half = all.length / 2;
  return redundancy === "N+1"
    ? withoutOne
    : [...withoutOne, sum(all.slice(0, half)), sum(all.slice(half))];
}
