import { expect, test } from "vitest";
import { sampleCurtailment } from "../testing/sample-curtailments.ts";
import { showTarget } from "./curtailment-words.ts";

test("a target says how much of the hour of its baseline was measured, unless all of it was", () => {
  const told = (baselineMeasuredMs: number | undefined): string =>
    showTarget({ ...sampleCurtailment, baselineMeasuredMs });
  const hour = "6.54 MW (30 % below the 9.34 MW of the hour before)";
  expect(told(3_600_000)).toBe(hour);
  expect(told(undefined)).toBe(hour);
  expect(told(40_000)).toBe("6.54 MW (30 % below the 9.34 MW of the hour before, 40 s measured)");
  expect(told(0)).toBe(
    "6.54 MW (30 % below the 9.34 MW that could be drawn: nothing is measured yet)",
  );
});
