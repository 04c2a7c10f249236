import { reportRamp } from "@ertis/power-planning/testing";
import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { nodeOff } from "../../state/site-state.ts";
import { attemptOf } from "../../testing/test-full-hub.ts";
import { RampedHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";

const limit = { watts: 4_000, perMs: 60_000, windowMs: 60_000 };

test("nodes that were off come back as many at a time as the ramp allows, as planned", () => {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"));
  hub.runOne();
  const full = hub.feedWatts();
  hub.schedule(hub.less(13_000));
  hub.pass(29 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  const before = { ...known(hub.state.ramps.get("hub")?.tallies[0], "tally") };
  const steps = hub.pass(60 * 60);
  expect(hub.flags.every((flags) => flags === 0)).toBe(true);
  expect(hub.feedWatts()).toBe(full);
  const report = reportRamp(limit, steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(3_000);
  expect(hub.state.ramps.get("hub")?.tallies[0]).toEqual(before);
});

test("nodes that come back leave a promised start its step, however late they draw", () => {
  const hub = new SleepingHub(rampedHub("5 kW/min over 60 s"));
  hub.run({ walltime: milliseconds(7_200_000) });
  hub.pass(300);
  hub.run({ walltime: milliseconds(1_970_000) });
  hub.schedule(hub.less(11_000, { ramp: milliseconds(60_000) }));
  const endMs = hub.nowMs + 30 * 60_000;
  hub.pass(25 * 60);
  expect(hub.offCount).toBe(6);
  // On the node of the one that ends, when most of the others are to come back.
  const head = hub.run({ walltime: milliseconds(100_000_000) });
  const [kept] = hub.state.sites.get("hub")?.pools[0]?.reservations ?? [];
  const { job, startAtMs } = known(kept, "the promised start");
  expect(job).toBe(head);
  // Most of them are asked to come a minute after the end, and may take three for it.
  expect(startAtMs - endMs).toBeGreaterThanOrEqual(220_000);
  expect(startAtMs - endMs).toBeLessThan(260_000);
  hub.pass((startAtMs - hub.nowMs) / 1_000);
  expect(attemptOf(hub, head).startedAtMs).toBeLessThan(startAtMs + 1_000);
});

test("a repaired node stays off until its ramp has room for it beside a promised start", () => {
  const hub = new RampedHub(rampedHub("5 kW/min over 60 s"));
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  hub.run({ nodeCount: 6, walltime: milliseconds(1_800_000) });
  hub.pass(600);
  // Larger than the ramp ever allows: it is promised for a moment at which nothing else is felt.
  const head = hub.run({ nodeCount: 7 });
  const [kept] = hub.state.sites.get("hub")?.pools[0]?.reservations ?? [];
  const { job, startAtMs } = known(kept, "the promised start");
  expect(job).toBe(head);
  hub.pass((startAtMs - hub.nowMs) / 1_000 - 200);
  // It may take three minutes to draw.
  hub.report({ kind: "node-ready", node: 7 });
  expect(isOff(hub, 7)).toBe(true);
  hub.pass(201);
  expect(attemptOf(hub, head).startedAtMs).toBeLessThan(startAtMs + 1_000);
  hub.pass(300);
  hub.report({ kind: "node-ready", node: 7 });
  expect(isOff(hub, 7)).toBe(false);
});

function isOff({ state }: RampedHub, node: number): boolean {
  return ((state.sites.get("hub")?.nodeFlags[node] ?? 0) & nodeOff) !== 0;
}
