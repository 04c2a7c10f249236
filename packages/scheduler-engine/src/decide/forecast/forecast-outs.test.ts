import { expect, test } from "vitest";
import { longestOf } from "./forecast-outs.ts";

test("of several pauses of a task the longest is told", () => {
  const [short, long] = [
    { fromMs: 0, untilMs: 100 },
    { fromMs: 200, untilMs: 400 },
  ];
  expect(longestOf([short, long])).toEqual(long);
  expect(longestOf([long, short])).toEqual(long);
  expect(longestOf(undefined)).toBeUndefined();
});
