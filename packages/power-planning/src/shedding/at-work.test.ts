import { expect, test } from "vitest";
import { speedAt } from "../curves/read-curve.ts";
import { lowestCap } from "./allowances.ts";
import { atWork, keptPart } from "./at-work.ts";
import { createDraft } from "./shed-draft.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

test("a checkpoint is read at the speed of the cap, and its tier bears that", () => {
  const job = shedJob(1, { tierLossMax: 0.4, saveMs: 2 * 60_000, restoreMs: 15 * 60_000 });
  const problem = shedProblem([job], 0);
  const draft = createDraft(problem, 6);
  draft.pausedCount[0] = 1;
  const work = atWork(problem, draft, 0);
  // Of three hours half an hour idle and two minutes for the checkpoint; at half speed a quarter of an hour takes half an hour.
  const runsMinutes = 180 - 30 - 2;
  expect(keptPart(work, 1)).toBeCloseTo((runsMinutes - 15) / 180, 9);
  expect(keptPart(work, 0.5)).toBeCloseTo((0.5 * (runsMinutes - 2 * 15)) / 180, 9);
  const lowestSpeed = speedAt(job.curve, lowestCap(problem, job, work));
  expect(keptPart(work, lowestSpeed)).toBeGreaterThanOrEqual(1 - job.tierLossMax);
  expect(keptPart(work, lowestSpeed - 0.01)).toBeLessThan(1 - job.tierLossMax);
});
