import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { complianceOf } from "../curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { type BudgetFloors, budgetFloors } from "./budget-floors.ts";
import { getDomain } from "./power-tree.ts";

/** Eight jobs of one node, four a hall: 2 kW idle and 2.4 kW of GPUs at the floors of their tier. */
function busyHub(changes: Partial<JobSpec> = bending): MeteredHub {
  const hub = new MeteredHub();
  for (let node = 0; node < 8; node += 1) {
    hub.run({ ...changes, flexibilityTier: 25 });
  }
  hub.playUntil(startMs + 5 * minuteMs);
  return hub;
}

function curtail(hub: MeteredHub, targetWatts = 37_000): void {
  const start = instant(hub.nowMs + 2 * minuteMs);
  const end = instant(hub.nowMs + 122 * minuteMs);
  const ask = { target: watts(targetWatts), ramp: milliseconds(0), start, end };
  expect(hub.curtail("noon", ask)).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 30 * minuteMs);
}

/** Sets a budget on the first hall, and answers what stands in its way. */
function setBudget(
  hub: MeteredHub,
  ceilingWatts: number,
  fromMs: number = hub.nowMs,
): BudgetFloors | undefined {
  const budget: PowerBudget = {
    id: "works",
    site: "hub",
    domain: hub.hall("hall-1"),
    ceiling: watts(ceilingWatts),
    from: instant(fromMs),
    reason: "works",
    setBy: "olga",
  };
  hub.engine.execute({ kind: "set-budget", at: instant(hub.nowMs), budget });
  return budgetFloors(hub.state, budget);
}

function excessOf(hub: MeteredHub): number {
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  return getDomain(hub.state, "hub", hub.hall("hall-1"))?.excess?.watts ?? 0;
}

test("a budget below what floors take beside a curtailment is told with the smallest that holds, and who takes what", () => {
  const hub = busyHub();
  curtail(hub);
  const floor = { task: 0, tierPercent: 25, takes: watts(2_400), isTierAtRisk: false };
  expect(setBudget(hub, 14_000)).toEqual({
    smallest: watts(17_600),
    jobs: [1, 2, 3, 4].map((job) => ({ job, ...floor })),
  });
  expect(excessOf(hub)).toBe(3_600);
  expect(setBudget(hub, 17_600)).toBeUndefined();
  expect(excessOf(hub)).toBe(0);
});

test("who pauses for the curtailment comes back only where the budget leaves room, and is told to be at risk", () => {
  const hub = busyHub({ ...pausing, capMin: watts(360) });
  curtail(hub, 36_800);
  const floors = setBudget(hub, 16_000);
  // 2 kW idle and 2.88 kW of GPUs at the lowest cap that it accepts.
  expect(floors?.smallest).toBeGreaterThanOrEqual(4 * 4_880);
  const atRisk = floors?.jobs.filter((one) => one.isTierAtRisk).map(({ job }) => job);
  hub.playUntil(startMs + 128 * minuteMs);
  const jobs = complianceOf(hub.state, "noon")?.jobs ?? [];
  const broken = jobs.filter((one) => one.isTierBroken).map(({ job }) => job);
  expect(broken.length).toBeGreaterThan(0);
  expect(atRisk).toEqual(expect.arrayContaining(broken));
});

test("for later those count that go on then", () => {
  const hub = busyHub({ ...bending, walltime: milliseconds(3 * hourMs) });
  curtail(hub);
  expect(setBudget(hub, 14_000, startMs + 2.5 * hourMs)?.smallest).toBe(watts(17_600));
  expect(setBudget(hub, 14_000, startMs + 9 * hourMs)).toBeUndefined();
});
