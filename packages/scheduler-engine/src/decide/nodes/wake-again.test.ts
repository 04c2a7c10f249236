import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cancel } from "../../testing/test-full-hub.ts";
import { cappedHub, startMs } from "../../testing/test-hub.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";

const minuteMs = 60_000;

/** Lets the scheduler look when it wants to, and only then; nobody reports anything. */
function runTimers(hub: SleepingHub, forMs: number): void {
  const untilMs = hub.nowMs + forMs;
  for (;;) {
    const nextMs = hub.engine.nextTickAtMs() ?? Infinity;
    if (nextMs > untilMs) {
      hub.nowMs = untilMs;
      return;
    }
    hub.wait(Math.max(0, nextMs - hub.nowMs));
  }
}

/** Nodes off for a curtailment that has just ended; a budget leaves no room for them. */
function heldByBudget(text: string, ...until: readonly [number?]): SleepingHub {
  const hub = new SleepingHub(text);
  hub.runOne();
  const curtailment = hub.less(10_000, { ramp: milliseconds(0) });
  hub.schedule(curtailment);
  hub.pass(29 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  hub.budget("feed", "hub", hub.feedWatts() + 500, [hub.nowMs, ...until]);
  runTimers(hub, 10 * minuteMs);
  return hub;
}

test("nodes with no room for their idle watts sleep on, and come once a budget that held them off is over", () => {
  const untilMs = startMs + 60 * minuteMs;
  const held = heldByBudget(cappedHub(), untilMs);
  expect(held.offCount).toBeGreaterThan(4);
  runTimers(held, untilMs - held.nowMs + 1_000);
  expect(held.flags.every((flags) => flags === 0)).toBe(true);
});

test.each([
  ["no ramp", cappedHub()],
  ["a ramp", rampedHub("40 kW/min over 60 s")],
])("they come by themselves soon after watts are left for another reason, with %s", (_, text) => {
  const held = heldByBudget(text);
  expect(held.offCount).toBeGreaterThan(4);
  held.budget("feed", "hub", 300_000, [held.nowMs]);
  runTimers(held, minuteMs);
  expect(held.flags.every((flags) => flags === 0)).toBe(true);
});

test("also after a restart", () => {
  const held = heldByBudget(cappedHub());
  held.budget("feed", "hub", 300_000, [held.nowMs]);
  held.engine.execute({ kind: "restart", at: instant(held.nowMs) });
  runTimers(held, minuteMs);
  expect(held.flags.every((flags) => flags === 0)).toBe(true);
});

test("a node that is still going off is woken once it is off, and not lost", () => {
  const hub = new SleepingHub(cappedHub(), 5);
  hub.runOne();
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(hub.feedWatts() - 6_000) });
  hub.pass(2);
  expect(hub.flags.some((flags) => flags !== 0)).toBe(true);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.pass(4);
  expect(hub.offCount).toBeGreaterThan(0);
  runTimers(hub, minuteMs);
  expect(hub.flags.every((flags) => flags === 0)).toBe(true);
});

test("nodes that went off ahead of a curtailment that is cancelled before it starts come back", () => {
  const hub = new SleepingHub(rampedHub("10 kW/min over 60 s"));
  hub.runOne();
  hub.schedule(hub.less(10_000));
  while (hub.offCount === 0) {
    hub.pass(1);
  }
  cancel(hub);
  runTimers(hub, 5 * minuteMs);
  expect(hub.flags.every((flags) => flags === 0)).toBe(true);
});
