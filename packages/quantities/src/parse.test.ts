import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatWatts,
  formatWattsDown,
  formatWattsUp,
  parseMilliseconds,
  parseWatts,
  toNumber,
  watts,
} from "./index.ts";

function wattsOf(text: string): number | string {
  const parsed = parseWatts(text);
  return parsed.kind === "ok" ? toNumber(parsed.value) : parsed.message;
}

function msOf(text: string): number | string {
  const parsed = parseMilliseconds(text);
  return parsed.kind === "ok" ? toNumber(parsed.value) : parsed.message;
}

describe("parseWatts", () => {
  test.each([
    ["300 MW", 300_000_000],
    ["10.2 kW", 10_200],
    ["10.2kW", 10_200],
    ["  930 W ", 930],
    ["1.5 GW", 1_500_000_000],
    ["0.001 kW", 1],
    ["0 W", 0],
    ["14.300 kW", 14_300],
  ])("%s is %i W, exactly", (text, expected) => {
    expect(wattsOf(text)).toBe(expected);
  });

  test.each([
    ["300", "has no unit"],
    ["0.5 W", "not a whole number of watts"],
    ["10.2345 kW", "not a whole number of watts"],
    ["300 mW", 'unknown unit "mW"'],
    ["300 mw", 'unknown unit "mw"'],
    ["300 MWh", 'unknown unit "MWh"'],
    ["-3 kW", "is not a power"],
    ["1,000 kW", "is not a power"],
    ["1e3 W", "is not a power"],
    ["", "is not a power"],
    ["NaN W", "is not a power"],
    ["4.000000001 GW", "at most 4 GW"],
    ["9007199254740992 W", "at most 4 GW"],
    ["9".repeat(200), "is not a power"],
  ])("%s is refused: %s", (text, why) => {
    expect(wattsOf(text)).toContain(why);
  });

  test("a message quotes a long text only in part", () => {
    expect(String(wattsOf("x".repeat(10_000))).length).toBeLessThan(200);
  });

  test("reads back every whole number of watts, written in any unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 * 10 ** 9 }), (value) => {
        const thousandths = `${Math.floor(value / 1000)}.${String(value % 1000).padStart(3, "0")}`;
        expect(wattsOf(`${value} W`)).toBe(value);
        expect(wattsOf(`${thousandths} kW`)).toBe(value);
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("what formatWatts prints is readable again, within half of its last digit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 39 * 10 ** 8 }), (value) => {
        const read = wattsOf(formatWatts(watts(value)));
        expect(Math.abs(Number(read) - value)).toBeLessThanOrEqual(value * 0.005);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test("what formatWattsUp prints is never less when it is read again, and more by less than its last digit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 39 * 10 ** 8 }), (value) => {
        const read = Number(wattsOf(formatWattsUp(watts(value))));
        expect(read).toBeGreaterThanOrEqual(value);
        expect(read - value).toBeLessThanOrEqual(value * 0.01);
      }),
      { seed: 4, numRuns: 500 },
    );
    for (const [value, text] of [
      [209_072, "210 kW"],
      [999_001, "1.00 MW"],
      [9_996, "10.0 kW"],
      [400_000, "400 kW"],
      [7, "7 W"],
    ] as const) {
      expect(formatWattsUp(watts(value))).toBe(text);
    }
  });

  test("what formatWattsDown prints is never more", () => {
    expect([209_999, 43_960, 999_999, 7].map((value) => formatWattsDown(watts(value)))).toEqual([
      "209 kW",
      "43.9 kW",
      "999 kW",
      "7 W",
    ]);
  });
});

describe("parseMilliseconds", () => {
  test.each([
    ["30 minutes", 1_800_000],
    ["2h", 7_200_000],
    ["90s", 90_000],
    ["250 ms", 250],
    ["1.5 h", 5_400_000],
    ["1h 30m", 5_400_000],
    ["2d12h", 216_000_000],
    ["1 day", 86_400_000],
    ["12:00:00", 43_200_000],
    ["100:00:00", 360_000_000],
    ["00:00:01", 1_000],
    ["1-12:00:00", 129_600_000],
    ["1-12", 129_600_000],
    ["1-12:30", 131_400_000],
    ["0-00:00:00", 0],
  ])("%s is %i ms", (text, expected) => {
    expect(msOf(text)).toBe(expected);
  });

  test.each([
    ["30", "has no unit"],
    ["30:00", "could mean hours and minutes or minutes and seconds"],
    ["12:60:00", "above 59"],
    ["1-24:00:00", "hours above 23"],
    ["2 fortnights", 'unknown unit "fortnights"'],
    ["30m 2h", "larger units first"],
    ["2h 2h", "larger units first"],
    ["0.5 ms", "not a whole number of milliseconds"],
    ["-2h", "is not a duration"],
    ["", "is not a duration"],
    ["h", "is not a duration"],
    ["2h?", "is not a duration"],
    ["9999999999999999 d", "longer than can be counted"],
    ["1".repeat(70), "is not a duration"],
  ])("%s is refused: %s", (text, why) => {
    expect(msOf(text)).toContain(why);
  });
});
