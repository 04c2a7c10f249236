import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf, type JobCompliance } from "../../read/curtailments/compliance.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { openLossMs } from "../../power/shedding/effects.ts";
import { lossThatCounts } from "../../power/shedding/given-up.ts";
import { known } from "../../state/assert.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { FlexibilityTier, JobSpec } from "../../words/job-spec.ts";
import { bending, code, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { bending as capped } from "../../testing/test-metered-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";

const tiers: readonly FlexibilityTier[] = [50, 25, 10, 0];

/** Gangs of two nodes, jobs 1 and 2 in the first hall, under an emergency of an hour or more that gives all floors up. */
function curtailedHub(hours = 1, changes: Partial<JobSpec> = capped): Hub {
  const hub = new Hub(cappedHub());
  for (const flexibilityTier of tiers) {
    hub.run({ ...changes, flexibilityTier, nodeCount: 2 });
  }
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + hours * hourMs) };
  const wide = { id: "wide", target: watts(30_200), giveUp: tiers, ...span };
  expect(code(schedule(hub, wide))).toBe("done");
  play(hub, 10);
  return hub;
}

function play(hub: Hub, minutes: number): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    acknowledge(hub);
    hub.wait(minuteMs);
    hub.place();
  }
  acknowledge(hub);
}

interface Inner {
  readonly targetWatts: number;
  /** From now. */
  readonly fromMinutes: number;
  readonly untilMinutes: number;
  readonly hall?: string;
}

/** Another emergency, in a hall, mostly the first: 8 kW idle, 12.8 kW of GPUs, half of it at the lowest caps, 8 kW at floors. */
function inner(
  hub: Hub,
  { targetWatts, fromMinutes, untilMinutes, hall = "hall-1" }: Inner,
): string {
  const site = known(hub.state.sites.get("hub"), "hub").site;
  const domain = known(
    site.domains.find(({ id }) => id.endsWith(hall)),
    hall,
  ).id;
  const start = instant(hub.nowMs + fromMinutes * minuteMs);
  const end = instant(hub.nowMs + untilMinutes * minuteMs);
  const span = { start, end, target: watts(targetWatts) };
  return code(schedule(hub, { id: "inner", domain, ...span }));
}

function lossesOf(hub: Hub, id: string): readonly JobCompliance[] {
  return known(complianceOf(hub.state, id), id).jobs;
}

test.each([0, 20])(
  "an emergency that needs nothing beside one that gives floors up, %d min later, is accepted and blamed for nothing",
  (fromMinutes) => {
    const hub = curtailedHub();
    const ask = { targetWatts: 16_500, fromMinutes, untilMinutes: fromMinutes + 25 };
    expect(inner(hub, ask)).toBe("done");
    play(hub, ask.untilMinutes + 5);
    const [first, second] = lossesOf(hub, "inner");
    expect(second?.lossPercent).toBeCloseTo(50, 0);
    expect(second?.forOthersPercent).toBe(second?.lossPercent);
    expect([first, second].map((one) => one?.isTierBroken)).toEqual([false, false]);
  },
);

test("while floors are given up everything may be asked, after that they count again", () => {
  const within = { targetWatts: 15_000, fromMinutes: 0, untilMinutes: 30 };
  expect(inner(curtailedHub(), within)).toBe("done");
  const longer = { ...within, untilMinutes: 150 };
  expect(inner(curtailedHub(), longer)).toBe("curtailment-breaks-floors");
  expect(inner(curtailedHub(), { ...longer, targetWatts: 16_500 })).toBe("done");
  const after = { ...within, fromMinutes: 60, untilMinutes: 90 };
  expect(inner(curtailedHub(), after)).toBe("curtailment-breaks-floors");
});

test("what a job loses once the other is over is told as before", () => {
  const hub = curtailedHub();
  expect(inner(hub, { targetWatts: 16_500, fromMinutes: 0, untilMinutes: 150 })).toBe("done");
  play(hub, 60);
  expect(lossesOf(hub, "inner").map((one) => one.isTierBroken)).toEqual([false, false]);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(33_000) });
  play(hub, 88);
  const [, second] = lossesOf(hub, "inner");
  expect(second?.forOthersPercent).toBeGreaterThan(15);
  expect(second?.forOthersPercent).toBeLessThan(18);
  expect(second?.isTierBroken).toBe(true);
});

test("of what a job loses once the other is over everything counts for the rest, also while it runs slower than its tier allows", () => {
  const hub = curtailedHub();
  expect(inner(hub, { targetWatts: 16_500, fromMinutes: 0, untilMinutes: 150 })).toBe("done");
  play(hub, 60);
  const before = countedOf(hub, 2);
  expect(before.countsMs).toBeLessThanOrEqual(0.25 * hourMs);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(33_000) });
  play(hub, 40);
  const after = countedOf(hub, 2);
  const lostMs = after.lossMs - before.lossMs;
  expect(lostMs).toBeGreaterThan(0.3 * 40 * minuteMs);
  expect(after.countsMs - before.countsMs).toBeCloseTo(lostMs, 3);
});

/** What a running job has lost to the inner one, and how much of it counts for the rest. */
function countedOf(
  { state }: Hub,
  job: number,
): { readonly lossMs: number; readonly countsMs: number } {
  const site = known(state.sites.get("hub"), "hub");
  const record = known(state.curtailments.records.get("inner"), "inner");
  const attempt = known(
    [...site.attempts].find((one) => one.job === job),
    "attempt",
  );
  const { spec } = known(state.jobs.get(attempt.job), "job");
  const counted = record.effects.get(taskIdOf(attempt))?.cappedLossMs ?? 0;
  const lossMs = counted + openLossMs(state, site, record, attempt);
  const countsMs = lossThatCounts({ state, site, record }, attempt, { spec, lossMs });
  return { lossMs, countsMs };
}

test("nor is it blamed for a pause that floors given up allow", () => {
  const hub = curtailedHub(2, { ...bending, capMin: watts(340) });
  const cluster = new ObeyingCluster(hub);
  cluster.pass(5 * minuteMs);
  const hour = { fromMinutes: 0, untilMinutes: 60 };
  expect(inner(hub, { targetWatts: 20_000, ...hour, hall: "hall-2" })).toBe("done");
  cluster.pass(59 * minuteMs);
  const losses = lossesOf(hub, "inner");
  expect(losses.some((one) => one.pausedSeconds > 30 * 60)).toBe(true);
  for (const { isTierBroken, lossPercent, forOthersPercent } of losses) {
    expect(isTierBroken).toBe(false);
    expect(forOthersPercent).toBeCloseTo(lossPercent, 0);
  }
});
