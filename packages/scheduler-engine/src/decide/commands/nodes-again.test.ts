import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import { known } from "../../state/assert.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const dayMs = 24 * hourMs;

function isRunning(hub: MeteredHub, job: number): boolean {
  return known(hub.state.jobs.get(job), "job").runningCount === 1;
}

test("nodes wake after a curtailment, though another one is announced", () => {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: 2 });
  hub.curtail("later", { start: instant(startMs + 20 * dayMs), target: watts(20_000) });
  hub.curtail("now", { mode: "emergency", start: instant(startMs), target: watts(12_000) });
  hub.playUntil(startMs + 5 * minuteMs);
  const off = hub.site.nodeFlags.filter((flags) => (flags & (nodeAsleep | nodeOff)) !== 0);
  expect(off.length).toBeGreaterThan(0);
  hub.playUntil(startMs + hourMs + 10 * minuteMs);
  expect([...hub.site.nodeFlags]).toEqual(Array(8).fill(0));
  expect(isRunning(hub, hub.run({ nodeCount: 6, walltime: milliseconds(hourMs) }))).toBe(true);
});

test("a repaired node comes back, though a curtailment to come has no watts for it", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 7; job += 1) {
    hub.run({ ...bending, walltime: milliseconds(25 * dayMs) });
  }
  const start = instant(startMs + 20 * dayMs);
  hub.curtail("later", { start, target: watts(26_500), baseline: watts(40_000) });
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  hub.wait(hourMs);
  hub.report({ kind: "node-ready", node: 7 });
  expect(hub.site.nodeFlags[7]).toBe(0);
  expect(isRunning(hub, hub.run({ walltime: milliseconds(hourMs) }))).toBe(true);
  // A budget switches no node off: it has to fit there.
  hub.report({ kind: "node-lost", node: 6 }, { kind: "node-powered-off", node: 6 });
  hub.budget("evening", "hub", 26_500, [startMs + 20 * dayMs]);
  hub.report({ kind: "node-ready", node: 6 });
  expect(hub.site.nodeFlags[6]).not.toBe(0);
});

test("a node that was lost is back when somebody says so, not when those that sleep are woken", () => {
  const hub = new MeteredHub();
  hub.report({ kind: "node-lost", node: 7 });
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(2_000) });
  hub.report({ kind: "node-lost", node: 6 });
  hub.report({ kind: "node-powered-off", node: 7 }, { kind: "node-powered-off", node: 6 });
  hub.playUntil(startMs + minuteMs);
  expect(hub.site.nodeFlags.filter((flags) => (flags & nodeAsleep) !== 0).length).toBeGreaterThan(
    0,
  );
  hub.report({ kind: "supply-back", domain: 0 });
  hub.playUntil(startMs + 10 * minuteMs);
  expect([...hub.site.nodeFlags]).toEqual([0, 0, 0, 0, 0, 0, nodeOff, nodeOff]);
  hub.report({ kind: "node-ready", node: 6 }, { kind: "node-ready", node: 7 });
  expect([...hub.site.nodeFlags]).toEqual(Array(8).fill(0));
});

test("a repaired node stays off from the plan of a curtailment on that has no watts for it: the plan counts it as off", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 7; job += 1) {
    hub.run(job === 0 ? pausing : bending);
  }
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  hub.wait(minuteMs);
  hub.curtail("soon", { target: watts(28_000), ramp: milliseconds(0) });
  const { curtailment, isPlanned } = known(hub.state.curtailments.records.get("soon"), "record");
  expect(isPlanned).toBe(false);
  // Whoever might pause needs a minute for his checkpoint.
  hub.playUntil(Number(curtailment.start) - minuteMs / 2);
  expect(hub.state.curtailments.records.get("soon")?.isPlanned).toBe(true);
  hub.report({ kind: "node-ready", node: 7 });
  expect(hub.site.nodeFlags[7]).not.toBe(0);
  hub.playUntil(Number(curtailment.end) + 10 * minuteMs);
  hub.report({ kind: "node-ready", node: 7 });
  expect(hub.site.nodeFlags[7]).toBe(0);
});

test("nodes come back with what the recovery gives on top of what was drawn, before it is over", () => {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: 2 });
  const end = startMs + hourMs;
  const ramp = milliseconds(10 * minuteMs);
  hub.curtail("peak", {
    mode: "emergency",
    start: instant(startMs),
    end: instant(end),
    target: watts(12_000),
    baseline: watts(13_000),
    ramp,
  });
  const usableWatts = Number(known(hub.site.site.domains[0], "feed").usableWatts);
  const offCount = (): number => hub.site.nodeFlags.filter((flags) => flags !== 0).length;
  hub.playUntil(end - minuteMs);
  const most = offCount();
  expect(most).toBeGreaterThan(1);
  // What was shed comes back first.
  hub.playUntil(end + 9 * minuteMs);
  expect(offCount()).toBe(most);
  // The second stage begins: in its first tenth there is room for some, and long before its end for all.
  hub.playUntil(end + 12 * minuteMs, () => {
    const step = Math.max(0, Math.floor((hub.nowMs - end) / minuteMs) - 9);
    expect(hub.feedWatts()).toBeLessThanOrEqual(13_000 + step * ((usableWatts - 13_000) / 10));
  });
  expect(offCount()).toBe(0);
});
