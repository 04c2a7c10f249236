import { expect, test } from "vitest";
import {
  formatMilliseconds,
  formatMillisecondsUp,
  formatWatts,
  milliseconds,
  watts,
} from "./index.ts";

test.each([
  [0, "0 W"],
  [5, "5 W"],
  [930, "930 W"],
  [999, "999 W"],
  [1_000, "1.00 kW"],
  [9_995, "10.0 kW"],
  [9_994, "9.99 kW"],
  [10_200, "10.2 kW"],
  [999_499, "999 kW"],
  [999_500, "1.00 MW"],
  [4_200_000, "4.20 MW"],
  [300_000_000, "300 MW"],
  [Number.MAX_SAFE_INTEGER, "9.01 PW"],
])("%i W prints as %s", (value, expected) => {
  expect(formatWatts(watts(value))).toBe(expected);
});

test.each([
  [0, "0 s"],
  [930, "930 ms"],
  [1_500, "1 s 500 ms"],
  [45_000, "45 s"],
  [90_000, "1 min 30 s"],
  [7_200_000, "2 h"],
  [9_000_000, "2 h 30 min"],
  [129_600_000, "1 d 12 h"],
  [86_400_001, "1 d"],
])("%i ms prints as %s", (value, expected) => {
  expect(formatMilliseconds(milliseconds(value))).toBe(expected);
});

test.each([
  [0, "0 s"],
  [1, "1 ms"],
  [1_000, "1 s"],
  [61_001, "1 min 2 s"],
  [3_600_000, "1 h"],
  [3_600_001, "1 h 1 min"],
  [3_599_999, "1 h"],
  [86_399_000, "1 d"],
  [90_000_001, "1 d 2 h"],
])("%i ms rounded up prints as %s", (value, expected) => {
  expect(formatMillisecondsUp(milliseconds(value))).toBe(expected);
});
