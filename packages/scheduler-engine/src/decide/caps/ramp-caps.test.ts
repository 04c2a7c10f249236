import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { rampOfHub, RampedHub } from "../../testing/test-ramped-hub.ts";

const flexible = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(5 * hourMs),
} as const;

test("a gang whose step is too large starts at its floor and rises as the ramp allows", () => {
  const hub = new RampedHub();
  hub.submit(flexible);
  const steps = hub.pass(1);
  const { placement, capWatts } = known(attemptsOf(hub)[0], "attempt");
  // What its start left of the ramp is given to it at once.
  expect([placement.capWatts, capWatts]).toEqual([200, 250]);
  const later = hub.pass(200);
  expect(known(attemptsOf(hub)[0], "attempt").capWatts).toBe(0);
  expect(reportRamp(rampOfHub, [...steps, ...later]).overSecondCount).toBe(0);
});

test("many gangs start at their floors first, then rise; the limit holds all the way", () => {
  const hub = new RampedHub();
  for (let count = 0; count < 6; count += 1) {
    hub.submit(flexible);
  }
  const steps = hub.pass(480);
  expect(attemptsOf(hub).length).toBe(6);
  const report = reportRamp(rampOfHub, [...steps, ...hub.pass(900)]);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(1_800);
  expect(attemptsOf(hub).map((one) => one.capWatts)).toEqual([0, 0, 0, 0, 0, 0]);
});

test("a raise that recovers from an emergency keeps the ramp; the emergency itself steps", () => {
  const hub = new RampedHub();
  for (let count = 0; count < 4; count += 1) {
    hub.submit(flexible);
  }
  hub.pass(900);
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
  hub.pass(298);
  const steps = hub.pass(900);
  expect(hub.feedWatts()).toBe(full);
  expect(steps.length).toBeGreaterThan(2);
  expect(reportRamp(rampOfHub, steps).overSecondCount).toBe(0);
});

test("lowerings into a budget that was announced keep the ramp down", () => {
  const hub = new RampedHub();
  for (let count = 0; count < 4; count += 1) {
    hub.submit(flexible);
  }
  hub.pass(900);
  const full = hub.feedWatts();
  hub.budget("evening", "hub", full - 5_000, [hub.nowMs + 60_000]);
  const steps = hub.pass(400);
  expect(hub.feedWatts()).toBeLessThanOrEqual(full - 5_000);
  const report = reportRamp(rampOfHub, steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
});
