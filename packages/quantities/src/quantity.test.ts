import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  addEnergy,
  after,
  between,
  energyOf,
  instant,
  larger,
  millijoules,
  milliseconds,
  noEnergy,
  smaller,
  subtractToZero,
  times,
  toJoulesFloor,
  toKilowattHours,
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

  test("refuse a sum or product that is no longer exact", () => {
    const most = watts(Number.MAX_SAFE_INTEGER);
    expect(() => add(most, watts(1))).toThrow(RangeError);
    expect(() => times(most, 2)).toThrow(RangeError);
    expect(() => times(watts(3), 0.5)).toThrow(RangeError);
  });

  test("add, subtract, multiply and compare like their numbers", () => {
    const value = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(value, value, fc.integer({ min: 0, max: 1000 }), (a, b, count) => {
        expect(toNumber(add(watts(a), watts(b)))).toBe(a + b);
        expect(toNumber(subtractToZero(watts(a), watts(b)))).toBe(Math.max(0, a - b));
        expect(toNumber(times(watts(a), count))).toBe(a * count);
        expect(toNumber(smaller(watts(a), watts(b)))).toBe(Math.min(a, b));
        expect(toNumber(larger(watts(a), watts(b)))).toBe(Math.max(a, b));
        expect(watts(a) < watts(b)).toBe(a < b);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("a duration leads from one moment to the other, and never back", () => {
    const start = instant(1_000);
    const end = after(start, milliseconds(250));
    expect(toNumber(end)).toBe(1_250);
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
    expect(toKilowattHours(energy)).toBeCloseTo(2.628e9, 0);
  });

  test("rounds down to joules for the wire", () => {
    expect(toJoulesFloor(millijoules(1_999n))).toBe(1n);
    expect(toJoulesFloor(noEnergy)).toBe(0n);
  });

  test("is never negative", () => {
    expect(() => millijoules(-1n)).toThrow(RangeError);
  });
});
