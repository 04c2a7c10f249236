import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

/** Jobs that draw what their curve says, until they draw all of their caps. */
class SurprisingHub extends MeteredHub {
  share = 0.95;

  override drawShare(): number {
    return this.share;
  }

  get offCount(): number {
    return this.site.nodeFlags.filter((flags) => (flags & (nodeAsleep | nodeOff)) !== 0).length;
  }
}

test("idle nodes go off as soon as a steered target misses watts that no cap gives, as many as it takes", () => {
  const hub = new SurprisingHub();
  for (let job = 0; job < 4; job += 1) {
    hub.run({ ...bending, flexibilityTier: 0 });
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const startMs = hub.nowMs + 5 * minuteMs;
  const curtailed = { start: instant(startMs), target: watts(25_600), ramp: milliseconds(0) };
  expect(hub.curtail("noon", curtailed)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 2 * minuteMs);
  // 25.2 kW are drawn then.
  expect(hub.offCount).toBe(2);
  // 640 W more, and nobody may be lowered.
  hub.share = 1;
  hub.playUntil(hub.nowMs + 3 * minuteMs);
  expect(hub.offCount).toBe(3);
  expect(known(complianceOf(hub.state, "noon"), "compliance").minutesOverCount).toBe(0);
});

test("nodes of tasks that pause to the end go off where nothing else gives what is missing, and come back with them", () => {
  const hub = new SurprisingHub();
  for (let job = 0; job < 7; job += 1) {
    hub.run({ ...bending, flexibilityTier: 0 });
  }
  const away = hub.run(pausing);
  const startMs = paused(hub, { giveUp: [50] });
  // 600 W above the target, and nobody may be lowered.
  hub.share = 1;
  hub.playUntil(hub.nowMs + 3 * minuteMs);
  expect(hub.offCount).toBe(1);
  hub.playUntil(startMs + 65 * minuteMs);
  expect(hub.offCount).toBe(0);
  expect(hub.state.jobs.get(away)?.runningCount).toBe(1);
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "compliance");
  expect(minutesOverCount).toBe(0);
  expect(jobs.map(({ isTierBroken }) => isTierBroken)).toEqual([false]);
});

test("nodes of tasks that are to come back sooner stay on, whatever is missing", () => {
  const hub = new SurprisingHub();
  for (let job = 0; job < 5; job += 1) {
    hub.run({ ...bending, flexibilityTier: 0 });
  }
  hub.run(pausing);
  hub.run(pausing);
  hub.run(pausing);
  paused(hub);
  hub.share = 1;
  hub.playUntil(hub.nowMs + 6 * minuteMs, () => {
    expect(hub.offCount).toBe(0);
  });
});

/** One of eight jobs pauses for a target that leaves the others little; answers when that began. */
function paused(hub: SurprisingHub, changes: Partial<Curtailment> = {}): number {
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const startMs = hub.nowMs + 5 * minuteMs;
  const curtailed = {
    start: instant(startMs),
    target: watts(38_800),
    ramp: milliseconds(0),
    ...changes,
  };
  expect(hub.curtail("noon", curtailed)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 2 * minuteMs);
  expect(hub.offCount).toBe(0);
  expect(hub.state.curtailments.paused.size).toBe(1);
  return startMs;
}
