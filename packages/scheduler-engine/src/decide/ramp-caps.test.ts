import { type RampStep, reportRamp } from "@ertis/power-planning";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";

/** A start of one node adds 3.2 kW, half of it at the lowest cap. */
const ramped = cappedHub().replace(
  "feed:\n  limit: 300 kW",
  "feed:\n  limit: 300 kW\n  ramp: 2 kW/min over 60 s",
);
const limit = { watts: 2_000, perMs: 60_000, windowMs: 60_000 };
const flexible = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(5 * hourMs),
} as const;

function attemptsOf(hub: Hub): readonly Attempt[] {
  return [...hub.state.jobs.after(0)].flatMap((job) => [...(job.active?.values() ?? [])]);
}

/** Every node answers every order at once. */
function acknowledge(hub: Hub): void {
  for (const { job, task, attempt, capWatts, capOrder, capInForce } of attemptsOf(hub)) {
    if (capInForce !== undefined) {
      const key = { job, task, attempt };
      hub.report({ kind: "cap-applied", attempt: key, nodes: [], capWatts, order: capOrder });
    }
  }
}

/** Time passes second by second, with all that falls due; answers how the feed's bounds stepped. */
function pass(hub: Hub, seconds: number): readonly RampStep[] {
  const steps: RampStep[] = [];
  let before = hub.feedWatts();
  for (let second = 0; second < seconds; second += 1) {
    hub.wait(1000);
    for (let round = 0; round < 10 && hub.engine.needsPass; round += 1) {
      hub.place();
    }
    acknowledge(hub);
    const change = hub.feedWatts() - before;
    before += change;
    if (change !== 0) {
      steps.push({ atMs: hub.nowMs, watts: change, settleMs: 0, cause: "planned" });
    }
  }
  return steps;
}

test("a gang whose step is too large starts at its floor and rises as the ramp allows", () => {
  const hub = new Hub(ramped);
  hub.submit(flexible);
  const steps = pass(hub, 1);
  const { placement, capWatts } = known(attemptsOf(hub)[0], "attempt");
  // What its start left of the ramp is given to it at once.
  expect([placement.capWatts, capWatts]).toEqual([200, 250]);
  const later = pass(hub, 200);
  expect(known(attemptsOf(hub)[0], "attempt").capWatts).toBe(0);
  expect(reportRamp(limit, [...steps, ...later]).overSecondCount).toBe(0);
});

test("many gangs start at their floors first, then rise; the limit holds all the way", () => {
  const hub = new Hub(ramped);
  for (let count = 0; count < 6; count += 1) {
    hub.submit(flexible);
  }
  const steps = pass(hub, 480);
  expect(attemptsOf(hub).length).toBe(6);
  const report = reportRamp(limit, [...steps, ...pass(hub, 900)]);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(1_800);
  expect(attemptsOf(hub).map((one) => one.capWatts)).toEqual([0, 0, 0, 0, 0, 0]);
});

test("a raise that recovers from an emergency keeps the ramp; the emergency itself steps", () => {
  const hub = new Hub(ramped);
  for (let count = 0; count < 4; count += 1) {
    hub.submit(flexible);
  }
  pass(hub, 900);
  const full = hub.feedWatts();
  hub.engine.execute({
    kind: "schedule-curtailment",
    by: "olga",
    at: instant(hub.nowMs),
    curtailment: {
      id: "now",
      site: "hub",
      domain: "hub",
      mode: "emergency",
      target: watts(full - 5_000),
      baseline: watts(full),
      start: instant(hub.nowMs),
      end: instant(hub.nowMs + 300_000),
      ramp: milliseconds(0),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(hub.nowMs),
    },
  });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(full - 5_000);
  const ledger = known(hub.state.ramps.get("hub")?.budget.ledgers[0], "ledger");
  expect(new Set(ledger.steps.map((one) => one.cause))).toEqual(new Set(["emergency"]));
  pass(hub, 298);
  const steps = pass(hub, 900);
  expect(hub.feedWatts()).toBe(full);
  expect(steps.length).toBeGreaterThan(2);
  expect(reportRamp(limit, steps).overSecondCount).toBe(0);
});

test("lowerings into a budget that was announced keep the ramp down", () => {
  const hub = new Hub(ramped);
  for (let count = 0; count < 4; count += 1) {
    hub.submit(flexible);
  }
  pass(hub, 900);
  const full = hub.feedWatts();
  hub.budget("evening", "hub", full - 5_000, [hub.nowMs + 60_000]);
  const steps = pass(hub, 400);
  expect(hub.feedWatts()).toBeLessThanOrEqual(full - 5_000);
  const report = reportRamp(limit, steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
});

test("the end of a walltime is wound down, so that even the stop keeps the ramp", () => {
  const hub = new Hub(ramped);
  hub.submit({ ...flexible, walltime: milliseconds(900_000) });
  const steps = [...pass(hub, 600)];
  expect(known(attemptsOf(hub)[0], "attempt").capWatts).toBe(0);
  for (let second = 0; second < 900; second += 1) {
    steps.push(...pass(hub, 1));
    const attempt = attemptsOf(hub)[0];
    if (attempt?.phase === "stopping") {
      const before = hub.feedWatts();
      const key = { job: attempt.job, task: attempt.task, attempt: attempt.attempt };
      hub.report(
        {
          kind: "attempt-exited",
          attempt: key,
          outcome: { kind: "failed", category: "walltime", exitCode: 0 },
        },
        { kind: "stop-confirmed", attempt: key, nodes: [] },
      );
      const change = hub.feedWatts() - before;
      steps.push({ atMs: hub.nowMs, watts: change, settleMs: 0, cause: "planned" });
    }
  }
  expect(attemptsOf(hub).length).toBe(0);
  const report = reportRamp(limit, steps);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
  expect(report.overSecondCount).toBe(0);
});
