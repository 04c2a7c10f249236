import { expect, test } from "vitest";
import { type GangLevel, levelsOf } from "./gang-levels.ts";
import { createRampBudget, recordChange, type RampPath } from "./ramp-budget.ts";
import type { RampLimit } from "./ramp-limit.ts";
import { reportRamp } from "../testing/ramp-report.ts";
import { planWindDown } from "./wind-down.ts";

const limit: RampLimit = { watts: 360_000, perMs: 60_000, windowMs: 60_000 };
const path: RampPath = { domains: [1, 0], wattsPerWatt: [1, 1] };

function levels(): readonly GangLevel[] {
  return levelsOf({
    nodeCount: 64,
    floorCapWatts: 350,
    wantedCapWatts: 700,
    capStepWatts: 50,
    nodeWattsAt: (capWatts) => 8 * Math.min(600, capWatts),
  });
}

test("levels go from all nodes at the floor to caps, and a cap that work does not reach is free", () => {
  const found = levels();
  expect(found.slice(0, 3).map(({ capWatts }) => capWatts)).toEqual([0, 350, 400]);
  expect(found.at(-1)).toEqual({ watts: 64 * 8 * 600, capWatts: 700 });
  expect(found.every((level, at) => at === 0 || level.watts > (found[at - 1]?.watts ?? 0))).toBe(
    true,
  );
});

test("a planned end falls to the floor before the stop, as late as the ramp allows", () => {
  const slow = { ...limit, watts: 200_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels();
  const gang = { path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const times = { nowMs: 0, endMs: 300_000, everyMs: 5000 };
  const stages = planWindDown(budget, gang, times);
  expect(stages?.at(-1)).toEqual({ atMs: 300_000, level: 0 });
  const first = stages?.[0]?.atMs ?? 0;
  // 307 kW at 200 kW a minute: the last 200 kW at most fall at the end, the others half a minute before.
  expect(first).toBeGreaterThan(300_000 - 90_000);
  expect(first).toBeLessThan(300_000 - 30_000);
  expect(reportRamp(slow, budget.ledgers[0]?.steps ?? []).overSecondCount).toBe(0);
});

test("an end that does not fit leaves the budget as it was", () => {
  const slow = { ...limit, watts: 200_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels();
  const gang = { path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const early = { nowMs: 0, endMs: 30_000, everyMs: 5000 };
  expect(planWindDown(budget, gang, early)).toBeUndefined();
  expect(budget.ledgers[0]?.steps.reduce((sum, step) => sum + Math.abs(step.watts), 0)).toBeCloseTo(
    0,
    3,
  );
});

test("a start that is planned for the moment of an end lets the end fall from full power", () => {
  const slow = { ...limit, watts: 200_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels();
  const full = all.at(-1)?.watts ?? 0;
  recordChange(budget, path, { atMs: 300_000, watts: full, settleMs: 0, cause: "planned" });
  const gang = { path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const times = { nowMs: 0, endMs: 300_000, everyMs: 5000 };
  expect(planWindDown(budget, gang, times)).toEqual([{ atMs: 300_000, level: 0 }]);
});
