import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { fill, stoppingOf } from "../../testing/test-preemption.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { schedule } from "../../testing/test-full-hub.ts";

/** All nodes work for victims that take a minute and a half to go; a curtailment begins so soon, and then an urgent job comes. */
function stoppedFor(mode: "planned" | "emergency", beginsInMs: number): readonly number[] {
  const hub = new Hub(cappedHub());
  fill(hub, { flexibilityTier: 50, workloadClass: "straight" });
  hub.wait(hourMs);
  const startMs = hub.nowMs + beginsInMs;
  const reply = schedule(hub, {
    mode,
    target: watts(36_000),
    start: instant(startMs),
    end: instant(startMs + hourMs),
  });
  expect(reply).toEqual({ kind: "done" });
  hub.run({
    priorityClass: "urgent",
    flexibilityTier: 50,
    workloadClass: "straight",
    walltime: milliseconds(hourMs / 2),
  });
  return stoppingOf(hub);
}

test.each(["planned", "emergency"] as const)(
  "nobody stops for a start that would come only after a curtailment has begun, which may not leave it full power: %s",
  (mode) => {
    expect(stoppedFor(mode, 20_000)).toEqual([]);
    expect(stoppedFor(mode, 10 * 60_000)).toHaveLength(1);
  },
);
