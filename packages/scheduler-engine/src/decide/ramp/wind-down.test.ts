import { reportRamp } from "@ertis/power-planning/testing";
import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { getDomain } from "../../read/power/power-tree.ts";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { rampedHub, RampedHub, rampOfHub } from "../../testing/test-ramped-hub.ts";

const flexible = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(5 * hourMs),
} as const;
const rigid = { walltime: milliseconds(5 * hourMs) } as const;

/** Gangs at full power, one after the other, as the ramp lets them rise. */
function risen(hub: RampedHub, ...gangs: readonly Parameters<RampedHub["submit"]>[0][]): void {
  for (const gang of gangs) {
    hub.submit(gang);
    hub.pass(300);
  }
  expect(attemptsOf(hub).map((one) => one.capWatts)).toEqual(gangs.map(() => 0));
  hub.steps.length = 0;
}

function tallyOf(hub: RampedHub): object {
  return known(hub.state.ramps.get("hub")?.tallies[0], "tally of the feed");
}

test("the end of a walltime is wound down, so that even the stop keeps the ramp", () => {
  const hub = new RampedHub(rampedHub(), 20);
  risen(hub, { ...flexible, walltime: milliseconds(900_000) });
  hub.pass(900);
  expect(attemptsOf(hub).length).toBe(0);
  const report = reportRamp(rampOfHub, hub.steps);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
  expect(report.overSecondCount).toBe(0);
  expect(tallyOf(hub)).toMatchObject({ unplannedCount: 0, emergencyCount: 0 });
});

test("a gang whose end moves away as it is wound down does not rise again because of that", () => {
  // Its stop is larger than the ramp ever allows, so it goes to its floor as soon as its end is near.
  const hub = new RampedHub(rampedHub("1 kW/min over 60 s"), 20);
  risen(hub, { ...flexible, walltime: milliseconds(1_200_000) });
  const soonestEndMs = known(attemptsOf(hub)[0], "attempt").endsByMs;
  hub.pass(1_500);
  expect(attemptsOf(hub).length).toBe(0);
  const [first, ...others] = hub.steps;
  expect(first?.atMs).toBeGreaterThan(soonestEndMs - 400_000);
  expect([first, ...others].every((step) => (step?.watts ?? 0) < 0)).toBe(true);
});

test("a gang that a drain will stop is wound down before its deadline", () => {
  const hub = new RampedHub(rampedHub(), 20);
  risen(hub, flexible, flexible);
  const node = known(attemptsOf(hub)[0], "attempt").placement.nodes[0] ?? 0;
  hub.drain(node, hub.nowMs + 600_000, "cancel");
  hub.pass(590);
  // It works until its deadline, at the end so that the stop is the 2 kW of a minute; the other stays at full power.
  expect(attemptsOf(hub).map((one) => [one.phase, one.capWatts])).toEqual([
    ["starting", 250],
    ["starting", 0],
  ]);
  hub.pass(300);
  expect(hub.state.ramps.get("hub")?.tallies[0]).toMatchObject({ unplannedCount: 0 });
  const report = reportRamp(rampOfHub, hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(1_500);
});

test("stops that are confirmed late still keep the ramp, one after the other", () => {
  const hub = new RampedHub(rampedHub(), 55);
  risen(hub, flexible, flexible, flexible);
  const nodes = attemptsOf(hub).map(({ placement }) => placement.nodes[0] ?? 0);
  nodes.forEach((node, at) => {
    hub.drain(node, hub.nowMs + 900_000 + at * 150_000, "cancel");
  });
  hub.pass(1500);
  expect(attemptsOf(hub).length).toBe(0);
  expect(reportRamp(rampOfHub, hub.steps).overSecondCount).toBe(0);
});

test("others keep clear of a gang that takes no caps and stops in one step", () => {
  const hub = new RampedHub(rampedHub("4 kW/min over 60 s"), 10);
  const limit = { ...rampOfHub, watts: 4_000 };
  risen(hub, rigid, flexible, flexible);
  const [first, second, third] = attemptsOf(hub).map(({ placement }) => placement.nodes[0] ?? 0);
  hub.drain(second ?? 0, hub.nowMs + 600_000, "cancel");
  hub.drain(third ?? 0, hub.nowMs + 720_000, "cancel");
  // 3.2 kW at once, of 4 kW in a minute.
  hub.drain(first ?? 0, hub.nowMs + 660_000, "cancel");
  hub.pass(650);
  hub.pass(400);
  const report = reportRamp(limit, hub.steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestDownWatts).toBeGreaterThan(3_100);
});

test("a drain whose deadline is too near falls as far as the ramp lets it, then steps, and is counted", () => {
  const hub = new RampedHub();
  risen(hub, flexible);
  const node = known(attemptsOf(hub)[0], "attempt").placement.nodes[0] ?? 0;
  hub.drain(node, hub.nowMs + 20_000, "cancel");
  hub.pass(19);
  expect(reportRamp(rampOfHub, hub.steps).overSecondCount).toBe(0);
  expect(known(attemptsOf(hub)[0], "attempt").capWatts).toBe(200);
  hub.pass(200);
  expect(reportRamp(rampOfHub, hub.steps).overSecondCount).toBeGreaterThan(0);
  expect(tallyOf(hub)).toMatchObject({ unplannedCount: 1, unplannedOverCount: 1 });
  // As an operator sees it, in watts of the domain.
  expect(getDomain(hub.state, "hub", "hub")?.rampRecord).toMatchObject({
    unplannedCount: 1,
    unplannedWatts: 1_600,
    emergencyCount: 0,
  });
  expect(getDomain(hub.state, "hub", "hub/sub-1")?.rampRecord).toBeUndefined();
});
