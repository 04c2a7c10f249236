import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  addEnergy,
  between,
  energyOf,
  instant,
  millijoules,
  milliseconds,
  noEnergy,
  toJoulesFloor,
  toMillijoules,
  toNumber,
  watts,
} from "./index.ts";

describe("whole quantities", () => {
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuse %s", (value) => {
    expect(() => watts(value)).toThrow(RangeError);
    expect(() => milliseconds(value)).toThrow(RangeError);
    expect(() => instant(value)).toThrow(RangeError);
  });

  test("refuse a sum that is no longer exact", () => {
    expect(() => add(watts(Number.MAX_SAFE_INTEGER), watts(1))).toThrow(RangeError);
  });

  test("add and compare like their numbers", () => {
    const value = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(toNumber(add(watts(a), watts(b)))).toBe(a + b);
        expect(watts(a) < watts(b)).toBe(a < b);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("a duration leads from one moment to the other, and never back", () => {
    const start = instant(1_000);
    const end = instant(1_250);
    expect(toNumber(between(start, end))).toBe(250);
    expect(toNumber(between(end, start))).toBe(0);
  });
});

describe("energy", () => {
  test("stays exact where plain numbers do not: 300 MW over a year", () => {
    const year = milliseconds(365 * 86_400_000);
    const energy = energyOf(watts(300_000_000), year);
    expect(toMillijoules(energy)).toBe(300_000_000n * 31_536_000_000n);
    expect(toMillijoules(addEnergy(energy, energyOf(watts(1), milliseconds(1))))).toBe(
      9_460_800_000_000_000_001n,
    );
  });

  test("rounds down to joules for the wire", () => {
    expect(toJoulesFloor(millijoules(1_999n))).toBe(1n);
    expect(toJoulesFloor(noEnergy)).toBe(0n);
  });

  test("is never negative", () => {
    expect(() => millijoules(-1n)).toThrow(RangeError);
  });
});
