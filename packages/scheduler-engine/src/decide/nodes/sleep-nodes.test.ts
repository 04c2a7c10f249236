import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../../engine.ts";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import type { CurtailmentForecast } from "../forecast/forecast.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";

const limit = { watts: 4_000, perMs: 60_000, windowMs: 60_000 };

function sleepingHub(offSeconds: number): SleepingHub {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"), offSeconds);
  hub.runOne();
  hub.steps.length = 0;
  return hub;
}

/** What a restart reads back. */
function restarted(hub: SleepingHub): EngineState {
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  return reader.finish();
}

for (const offSeconds of [0, 20, 110]) {
  test(`nodes go off for a curtailment as many at a time as the ramp allows, off ${offSeconds} s after the order`, () => {
    const hub = sleepingHub(offSeconds);
    expect(hub.schedule(hub.less(13_000))).toEqual({ kind: "done" });
    const steps = hub.pass(29 * 60);
    expect(hub.offCount).toBeGreaterThan(4);
    const report = reportRamp(limit, steps);
    expect(report.overSecondCount).toBe(0);
    expect(report.steepestDownWatts).toBeGreaterThan(3_000);
    // They are down when the target is to hold, and count as planned.
    const { target } = known(hub.state.curtailments.records.get("evening"), "record").curtailment;
    expect(hub.feedWatts()).toBeLessThanOrEqual(Number(target) + 1_000);
    expect(known(hub.state.ramps.get("hub"), "ramps").tallies[0]).toMatchObject({
      unplannedCount: 0,
      emergencyCount: 0,
    });
  });
}

test("an emergency switches them off at once, and that is counted as one", () => {
  const hub = sleepingHub(0);
  hub.schedule(hub.less(13_000, { mode: "emergency" }));
  hub.pass(16 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  expect(reportRamp(limit, hub.steps).overSecondCount).toBeGreaterThan(0);
  const [tally] = known(hub.state.ramps.get("hub"), "ramps").tallies;
  expect(tally?.unplannedCount).toBe(0);
  expect(tally?.emergencyCount).toBeGreaterThan(4);
});

test("between two stages a restart forgets nothing, and the next node goes off at the same moment", () => {
  const hub = sleepingHub(20);
  hub.schedule(hub.less(13_000));
  const isAsleep = (flags: number): boolean => (flags & nodeAsleep) !== 0;
  while (!hub.flags.some(isAsleep)) {
    hub.pass(1);
  }
  const asleep = hub.flags.filter(isAsleep).length;
  expect(asleep).toBeLessThan(4);
  const state = restarted(hub);
  expect(stateDigest(state)).toBe(stateDigest(hub.state));
  const other = new Engine(undefined, state);
  for (const engine of [hub.engine, other]) {
    expect(engine.nextTickAtMs()).toBeLessThanOrEqual(hub.nowMs + 5_000);
  }
  expect(
    known(state.curtailments.records.get("evening"), "record").sleepers.length,
  ).toBeGreaterThan(4);
  expect(known(state.sites.get("hub"), "site").sleepAskedAtMs.size).toBe(asleep);
});

function preview(hub: SleepingHub, curtailment: Curtailment): CurtailmentForecast {
  const seen = previewCurtailment(hub.state, curtailment);
  return known(seen.kind === "preview" ? seen.forecast : undefined, "preview");
}

test("the preview shows the stages in which nodes go off, and when the last one is", () => {
  const hub = sleepingHub(110);
  const curtailment = hub.less(13_000);
  const { steps, timeToTarget, nodesOffCount } = preview(hub, curtailment);
  const startMs = toNumber(curtailment.start);
  const early = steps.filter(({ at }) => toNumber(at) <= startMs);
  expect(early.length).toBeGreaterThan(2);
  early.slice(1).forEach((step, at) => {
    const before = known(early[at], "step");
    expect(toNumber(before.watts) - toNumber(step.watts)).toBeLessThanOrEqual(4_000);
  });
  expect(toNumber(timeToTarget)).toBeLessThanOrEqual(toNumber(curtailment.ramp));
  hub.schedule(curtailment);
  hub.pass(15 * 60);
  expect(hub.offCount).toBe(nodesOffCount);
});

test("where notice is too short for the stages, the preview says when the target holds", () => {
  const hub = sleepingHub(110);
  const curtailment = hub.less(13_000, { start: instant(hub.nowMs + 60_000) });
  const { steps, timeToTarget, nodesOffCount } = preview(hub, curtailment);
  expect(nodesOffCount).toBeGreaterThan(4);
  expect(toNumber(timeToTarget)).toBeGreaterThan(toNumber(curtailment.ramp));
  const holdsAtMs = toNumber(curtailment.start) + toNumber(timeToTarget);
  hub.schedule(curtailment);
  hub.pass(6 * 60);
  expect(hub.offCount).toBeLessThan(nodesOffCount);
  hub.pass((holdsAtMs - hub.nowMs) / 1_000);
  expect(hub.offCount).toBe(nodesOffCount);
  expect(steps.some((step) => step.watts <= curtailment.target)).toBe(true);
});

test("nodes whose watts floors need go off in a planned one that is too short to be worth it", () => {
  // It is measured: nothing but the stages of the plan sends nodes to sleep.
  const hub = new MeteredHub(rampedHub("20 kW/min over 60 s"));
  hub.run({ ...bending, nodeCount: 1 });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  hub.run({ ...bending, nodeCount: 1 });
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const startMs = hub.nowMs + 20_000;
  const endMs = startMs + 4 * minuteMs;
  // Of 23 kW that are drawn 12 kW are those of six idle nodes, which all have to go.
  const target = watts(12_000);
  const times = { start: instant(startMs), end: instant(endMs), ramp: milliseconds(minuteMs) };
  expect(hub.curtail("short", { target, ...times })).toEqual({ kind: "done" });
  hub.playUntil(startMs + minuteMs);
  const drawn: number[] = [];
  hub.playUntil(endMs, () => drawn.push(hub.drawnWatts[0]?.[1] ?? 0));
  expect(Math.max(...drawn)).toBeLessThanOrEqual(12_000);
  hub.playUntil(endMs + 5 * minuteMs);
  expect(hub.site.nodeFlags).not.toContainEqual(nodeAsleep);
});

test("nodes go off for a curtailment also where another one outlasts the start that is promised on them", () => {
  const hub = new MeteredHub(rampedHub("20 kW/min over 60 s"));
  for (let job = 0; job < 5; job += 1) {
    hub.run({ ...bending, walltime: milliseconds(2 * hourMs) });
    hub.playUntil(hub.nowMs + 5 * minuteMs);
  }
  // One node of the first hall is idle, and three of the second.
  hub.finish(4);
  hub.cordon(0, 1, 2, 3);
  hub.run({ ...bending, nodeCount: 4 });
  const promised = known(hub.site.reservationOfNode[7], "the promise on the second hall");
  const startMs = hub.nowMs + 0.5 * hourMs;
  const ramp = milliseconds(hourMs);
  const [start, end] = [instant(startMs), instant(startMs + hourMs)];
  expect(hub.curtail("long", { start, end, ramp, target: watts(28_000) })).toEqual({
    kind: "done",
  });
  // The start is promised while it gives its watts back.
  // Planned, but not begun.
  hub.playUntil(startMs - 2 * minuteMs);
  const soon = { start: instant(hub.nowMs), end: instant(hub.nowMs + 0.25 * hourMs) };
  const short = { ...soon, domain: hub.hall("hall-2"), target: watts(9_700) };
  expect(hub.curtail("short", short)).toEqual({ kind: "done" });
  expect(promised.startAtMs).toBeGreaterThan(toNumber(end));
  expect(promised.startAtMs).toBeLessThan(toNumber(end) + hourMs);
  const { sleepers } = known(hub.state.curtailments.records.get("short"), "short");
  expect(sleepers.length).toBeGreaterThan(0);
  hub.playUntil(hub.nowMs + 6 * minuteMs);
  expect(new Map(hub.drawnWatts).get(hub.hall("hall-2"))).toBeLessThanOrEqual(9_700);
  for (const node of sleepers) {
    expect(hub.site.nodeFlags[node]).toBe(nodeAsleep | nodeOff);
  }
});

test("nodes elsewhere that were to go off for a lost supply stay on once it is back, whatever else is curtailed", () => {
  const hub = sleepingHub(0);
  const domain = "hub/sub-1/hall-1";
  expect(hub.schedule(hub.less(2_000, { domain, target: watts(24_000) }))).toEqual({
    kind: "done",
  });
  hub.pass(11 * 60);
  const at = instant(hub.nowMs);
  // Planned while the supply was lost; the eighth node is in the other hall.
  const planned = { kind: "curtailment-planned", id: "evening", sleepers: [7] } as const;
  hub.engine.replay({ at, command: { kind: "tick", at }, events: [planned] });
  hub.pass(60);
  expect(hub.offCount).toBe(0);
  // Else they are switched off and woken in a circle, at one and the same moment.
  expect(hub.engine.nextTickAtMs()).toBeGreaterThan(hub.nowMs);
});
