import { expect, test } from "vitest";
import type { StepResult } from "./steps.ts";
import { summarize } from "./summary.ts";

function result(counts: Partial<StepResult>): StepResult {
  const none = { passedCount: 0, failedCount: 0, skips: [] };
  return { name: "step", tookMs: 1, output: "", ...none, ...counts };
}

test("the last line adds up every step", () => {
  const skips = [{ name: "a > b", reason: "no disk to fill" }];
  const steps = [result({ passedCount: 1 }), result({ passedCount: 40, skips })];
  expect(summarize(steps)).toEqual({
    lines: ["SKIPPED a > b: no disk to fill", "41 passed, 0 failed, 1 skipped"],
    exitCode: 0,
  });
});

test("one failure in any step fails the run and names the step", () => {
  const steps = [result({ name: "lint", failedCount: 1 }), result({ passedCount: 40 })];
  expect(summarize(steps)).toEqual({
    lines: ["FAILED lint", "40 passed, 1 failed, 0 skipped"],
    exitCode: 1,
  });
});

test("a run in which nothing ran is a failure", () => {
  const skips = [{ name: "soak", reason: "no files" }];
  expect(summarize([]).exitCode).toBe(1);
  expect(summarize([result({ skips })]).exitCode).toBe(1);
});
