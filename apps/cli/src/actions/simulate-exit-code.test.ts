import { expect, test } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { exitCodeOfRuns, type PlayedRun } from "./simulate-exit-code.ts";

const fine: PlayedRun = {
  title: "Run",
  violationCount: 0,
  refusedCount: 0,
  refusedJobCount: 0,
  jobs: { submittedCount: 3 },
};

test("a broken promise ends with another code than refused input, and goes before it", () => {
  const broken = { ...fine, violationCount: 1 };
  const refused = { ...fine, refusedCount: 1 };
  expect(exitCodeOfRuns([fine, fine])).toBe(exitCodes.ok);
  expect(exitCodeOfRuns([fine, refused])).toBe(exitCodes.refused);
  expect(exitCodeOfRuns([fine, broken])).toBe(exitCodes.promiseBroken);
  expect(exitCodeOfRuns([refused, broken])).toBe(exitCodes.promiseBroken);
  expect(exitCodes.promiseBroken).not.toBe(exitCodes.refused);
});

test("one job that is refused of many makes no other run than was asked for", () => {
  expect(exitCodeOfRuns([{ ...fine, refusedCount: 1, refusedJobCount: 1 }])).toBe(exitCodes.ok);
});
