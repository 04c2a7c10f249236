import type { RampLimit } from "@ertis/power-planning";
import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { victimWorkMinMs } from "../../limits.ts";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { curtail, fullHub } from "../../testing/test-full-ramped-hub.ts";
import { MeasuredHub, rampedHub, RampedHub } from "../../testing/test-ramped-hub.ts";

const limit = (kw: number): RampLimit => ({ watts: kw * 1_000, perMs: 60_000, windowMs: 60_000 });
test("gangs that pause at once for a planned curtailment go one after the other, wound down", () => {
  const hub = fullHub(8, 4, { capMin: watts(360) });
  curtail(hub, 33_920);
  hub.pass(30 * 60);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(1);
  const report = reportRamp(limit(4), hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(2_000);
  const [tally] = known(hub.state.ramps.get("hub"), "ramps").tallies;
  expect(tally).toMatchObject({ unplannedOverCount: 0, emergencyCount: 0 });
});

test("where nobody measures, so that its target is held by bounds, they do the same", () => {
  const hub = fullHub(8, 4, { capMin: watts(360) }, RampedHub);
  curtail(hub, 33_920);
  hub.pass(30 * 60);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(1);
  expect(hub.feedWatts()).toBeLessThanOrEqual(33_920);
  const report = reportRamp(limit(4), hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(2_000);
});

test("gangs that give nodes back for one do the same", () => {
  const hub = fullHub(4, 6, { capMin: watts(360), nodeCount: 2, nodeCountMin: 1 });
  curtail(hub, 34_600);
  hub.pass(30 * 60);
  expect(
    attemptsOf(hub)
      .map(({ heldNodes }) => heldNodes.length)
      .toSorted((a, b) => a - b),
  ).not.toEqual([4, 4]);
  expect(reportRamp(limit(6), hub.steps).overSecondCount).toBe(0);
  expect(reportRamp(limit(4), hub.steps).overSecondCount).toBeGreaterThan(0);
});

test("an emergency stops them at once, and counts as one", () => {
  const hub = fullHub(8, 4, { capMin: watts(360) });
  curtail(hub, 36_600, { mode: "emergency", ramp: milliseconds(0) });
  hub.pass(5 * 60);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(1);
  expect(reportRamp(limit(4), hub.steps).overSecondCount).toBeGreaterThan(0);
  const [tally] = known(hub.state.ramps.get("hub"), "ramps").tallies;
  expect(tally?.emergencyCount).toBeGreaterThan(1);
});

test("who makes room for another is wound down first, and nobody is asked before all may stop", () => {
  const hub = fullHub(8, 5, { preemptible: true, priorityClass: "low" });
  for (const { job, task, attempt } of attemptsOf(hub)) {
    hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  }
  hub.pass(victimWorkMinMs / 1_000);
  const job = hub.submit({
    nodeCount: 2,
    walltime: milliseconds(hourMs),
    flexibilityTier: 50,
    workloadClass: "straight",
  });
  hub.pass(15 * 60);
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
  // Both victims at full power would have been 6.4 kW at once.
  expect(reportRamp(limit(5), hub.steps).overSecondCount).toBe(0);
  const [tally] = known(hub.state.ramps.get("hub"), "ramps").tallies;
  expect(tally).toMatchObject({ unplannedOverCount: 0, emergencyCount: 0 });
});

test("gangs that share nodes which count their peak go one node after the other: the last one there frees all of it", () => {
  const ramp = "4 kW/min over 60 s";
  const hub = new RampedHub(rampedHub(ramp).replace("partUse: share", "partUse: peak"), 20);
  for (let gang = 0; gang < 16; gang += 1) {
    hub.submit({
      gpusPerNode: 4,
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
      checkpoint: { save: milliseconds(20_000), restore: milliseconds(30_000) },
    });
  }
  hub.pass(2_400);
  expect(hub.feedWatts()).toBe(42_600);
  hub.steps.length = 0;
  curtail(hub, 36_600);
  hub.pass(30 * 60);
  expect(hub.feedWatts()).toBeLessThanOrEqual(36_600);
  expect(reportRamp(limit(4), hub.steps).overSecondCount).toBe(0);
});

test("nobody is asked to make room whose checkpoint would keep a pause that is due meanwhile waiting", () => {
  // Either gang fits the ramp, not both.
  const hub = new MeasuredHub(rampedHub("13 kW/min over 60 s"), 200);
  const bending = { workloadClass: "straight", capMin: watts(360), nodeCount: 4 } as const;
  const checkpoint = { save: milliseconds(200_000), restore: milliseconds(30_000) };
  const gang = { ...bending, walltime: milliseconds(20 * hourMs), checkpoint };
  const pausing = hub.submit({ ...gang, flexibilityTier: 50 });
  hub.submit({ ...gang, flexibilityTier: 25, preemptible: true, priorityClass: "low" });
  hub.pass(2_400);
  const start = instant(hub.nowMs + 420_000);
  const hall = { domain: "hub/sub-1/hall-1", giveUp: [50], ramp: milliseconds(0) } as const;
  curtail(hub, 14_000, { ...hall, start });
  hub.pass(160);
  expect(hub.state.curtailments.pauses.get("hub")).toMatchObject([{ job: pausing }]);
  const hour = milliseconds(hourMs);
  hub.submit({ ...bending, flexibilityTier: 25, walltime: hour, priorityClass: "high" });
  hub.pass(100);
  expect(attemptsOf(hub).map(({ phase }) => phase)).toEqual(["stopping", "running"]);
  hub.pass(165);
  expect(attemptsOf(hub).map(({ job }) => job)).not.toContain(pausing);
});
