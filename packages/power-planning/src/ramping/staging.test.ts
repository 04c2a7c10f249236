import { expect, test } from "vitest";
import { floorLevel, riseNow, type RisingGang, stageStarts } from "./stage-starts.ts";
import { levelsOf, type GangLevel } from "./gang-levels.ts";
import { createRampBudget, nextChangeAtMs, recordChange, type RampPath } from "./ramp-budget.ts";
import type { RampLimit } from "./ramp-limit.ts";
import { reportRamp } from "./ramp-report.ts";
import { planWindDown } from "./wind-down.ts";

const limit: RampLimit = { watts: 360_000, perMs: 60_000, windowMs: 60_000 };
const path: RampPath = { domains: [1, 0], wattsPerWatt: [1, 1] };

const atOnce = { startSettleMs: 0, capSettleMs: 0, stopSettleMs: 0 };

function levels(nodeCount: number, stepWattsMax: number): readonly GangLevel[] {
  return levelsOf({
    nodeCount,
    gpusPerNode: 8,
    floorCapWatts: 350,
    wantedCapWatts: 700,
    capStepWatts: 50,
    nodeWattsAt: (capWatts) => 8 * Math.min(600, capWatts),
    stepWattsMax,
  });
}

test("levels go from nodes at the floor to caps, and a cap that work does not reach is free", () => {
  const found = levels(64, 100_000);
  expect(found.slice(0, 4).map((level) => level.nodeCount)).toEqual([0, 35, 64, 64]);
  expect(found.at(-1)).toEqual({ watts: 64 * 8 * 600, nodeCount: 64, capWatts: 700 });
  expect(found.every((level, at) => at === 0 || level.watts > (found[at - 1]?.watts ?? 0))).toBe(
    true,
  );
  expect(floorLevel(found)).toBe(2);
});

test("gangs start in order at their floors, then caps rise; the ramp is used and never passed", () => {
  const budget = createRampBudget([limit, undefined]);
  const gangs: RisingGang[] = Array.from({ length: 4 }, (_, id) => ({
    id,
    path,
    levels: levels(64, 360_000),
    level: 0,
    wantedLevel: levels(64, 360_000).length - 1,
    ...atOnce,
  }));
  const stages = stageStarts(budget, gangs, { fromMs: 0, untilMs: 900_000, everyMs: 5000 });
  expect(stages.map((stage) => stage.id).slice(0, 4)).toEqual([0, 1, 2, 3]);
  const last = new Map(stages.map((stage) => [stage.id, stage.level]));
  expect([...last.values()]).toEqual(gangs.map((gang) => gang.wantedLevel));
  // 4 × 307 kW at 360 kW a minute: the first 360 kW come at once.
  expect((stages.at(-1)?.atMs ?? 0) / 60_000).toBeLessThanOrEqual(3);
  expect(reportRamp(limit, budget.ledgers[0]?.steps ?? []).overSecondCount).toBe(0);
});

test("a gang above the one that waits does not take its room", () => {
  const budget = createRampBudget([limit, undefined]);
  recordChange(budget, path, { atMs: 0, watts: 250_000, settleMs: 0, cause: "planned" });
  const big: RisingGang = {
    id: 1,
    path,
    levels: levels(64, 360_000),
    level: 0,
    wantedLevel: 1,
    ...atOnce,
  };
  const small: RisingGang = {
    id: 2,
    path,
    levels: levels(8, 360_000),
    level: 0,
    wantedLevel: 1,
    ...atOnce,
  };
  expect(riseNow(budget, [big, small], 0)).toEqual([]);
  expect(nextChangeAtMs(budget, path, { watts: 8 * 350 * 64, settleMs: 0 }, 0)).toEqual({
    atMs: 24_000,
    domain: 0,
  });
});

test("a planned end falls to the floor before the stop, as late as the ramp allows", () => {
  const slow = { ...limit, watts: 120_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels(64, 120_000);
  const gang = { id: 1, path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const times = { nowMs: 0, endMs: 300_000, endMsMax: 300_000, everyMs: 5000 };
  const plan = planWindDown(budget, gang, times);
  expect(plan?.stages.at(-1)).toEqual({ atMs: 300_000, id: 1, level: 0 });
  const first = plan?.stages[0]?.atMs ?? 0;
  // 307 kW at 120 kW a minute: the last 120 kW fall at the end, the others in about 1.6 minutes.
  expect(first).toBeGreaterThan(300_000 - 130_000);
  expect(first).toBeLessThan(300_000 - 80_000);
  expect(reportRamp(slow, budget.ledgers[0]?.steps ?? []).overSecondCount).toBe(0);
});

test("an end that does not fit comes later, or leaves the budget as it was", () => {
  const slow = { ...limit, watts: 120_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels(64, 120_000);
  const gang = { id: 1, path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const early = { nowMs: 0, endMs: 30_000, endMsMax: 40_000, everyMs: 5000 };
  expect(planWindDown(budget, gang, early)).toBeUndefined();
  expect(budget.ledgers[0]?.steps.reduce((sum, step) => sum + Math.abs(step.watts), 0)).toBeCloseTo(
    0,
    3,
  );
  const late = planWindDown(budget, gang, { ...early, endMsMax: 600_000 });
  expect(late?.endMs).toBeGreaterThan(60_000);
});

test("a start that is planned for the moment of an end lets the end fall from full power", () => {
  const slow = { ...limit, watts: 120_000 };
  const budget = createRampBudget([slow, undefined]);
  const all = levels(64, 400_000);
  const full = all.at(-1)?.watts ?? 0;
  recordChange(budget, path, { atMs: 300_000, watts: full, settleMs: 0, cause: "planned" });
  const gang = { id: 1, path, levels: all, level: all.length - 1, capSettleMs: 0, stopSettleMs: 0 };
  const times = { nowMs: 0, endMs: 300_000, endMsMax: 300_000, everyMs: 5000 };
  expect(planWindDown(budget, gang, times)?.stages).toEqual([{ atMs: 300_000, id: 1, level: 0 }]);
});
