import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

/** Takes no lower cap, and goes on with two of its four nodes. */
const malleable = { ...pausing, nodeCount: 4, nodeCountMin: 2, capMin: watts(400) } as const;

interface Shrunk {
  readonly hub: MeteredHub;
  /** The gang's latest attempt. */
  readonly gang: () => Attempt | undefined;
}

/** A gang that gave a node for the lower of two that are on, a few minutes ago; the upper one leaves room for all. */
function shrunkHub(lateWatts: number, rampMs: number = 5 * minuteMs): Shrunk {
  const hub = new MeteredHub();
  hub.run({ nodeCount: 4, walltime: known(malleable.walltime, "walltime") });
  const job = hub.run(malleable);
  const gang = (): Attempt | undefined => hub.attempts.find((one) => one.job === job);
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  const end = instant(hub.nowMs + 6 * hourMs);
  expect(hub.curtail("day", { target: watts(lateWatts), end }).kind).toBe("done");
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(hub.curtail("hour", { target: watts(39_000), ramp: milliseconds(rampMs) })).toEqual({
    kind: "done",
  });
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  expect(gang()?.placement.nodes).toHaveLength(3);
  return { hub, gang };
}

function cancel(hub: MeteredHub): void {
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "cancel-curtailment", at, by: "olga", id: "hour", reason: "no" });
}

test("a gang grows within a planned curtailment that leaves room to its end, once, and no minute is over", () => {
  const { hub, gang } = shrunkHub(44_000);
  cancel(hub);
  hub.playUntil(hub.nowMs + 12 * minuteMs, () => {
    expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(44_000);
  });
  expect(gang()).toMatchObject({ attempt: 3, phase: "running" });
  expect(gang()?.placement.nodes).toHaveLength(4);
  hub.playUntil(hub.nowMs + hourMs);
  expect(gang()?.attempt).toBe(3);
});

test("at once where another one had taken its nodes and is over: whoever comes then starts in what it leaves", () => {
  const { hub, gang } = shrunkHub(44_000, 0);
  cancel(hub);
  const newcomer = hub.submit({ walltime: known(malleable.walltime, "walltime") });
  hub.playUntil(hub.nowMs + 4 * minuteMs, () => {
    expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(44_000);
  });
  expect(gang()).toMatchObject({ attempt: 3, phase: "running" });
  expect(gang()?.placement.nodes).toHaveLength(4);
  expect(hub.attempts.map(({ job }) => job)).not.toContain(newcomer);
});

test("not where it leaves no room", () => {
  const { hub, gang } = shrunkHub(39_900);
  cancel(hub);
  hub.playUntil(hub.nowMs + 2 * hourMs);
  expect(gang()?.placement.nodes).toHaveLength(3);
  expect(gang()?.attempt).toBe(2);
});

test("also within the one that took its nodes, where others end, and is not asked for them again by the plan of before", () => {
  const hub = new MeteredHub();
  const fixed = hub.run({ nodeCount: 4, walltime: known(malleable.walltime, "walltime") });
  const job = hub.run(malleable);
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  const end = instant(hub.nowMs + 4 * hourMs);
  expect(hub.curtail("day", { target: watts(39_000), end })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 40 * minuteMs);
  const gang = (): Attempt | undefined => hub.attempts.find((one) => one.job === job);
  expect(gang()?.placement.nodes).toHaveLength(3);
  hub.finish(fixed);
  hub.playUntil(hub.nowMs + hourMs);
  expect(gang()).toMatchObject({ attempt: 3, phase: "running" });
  expect(gang()?.placement.nodes).toHaveLength(4);
});

test("also under lower caps, where all its nodes do more so than a part of them at full power", () => {
  const hub = new MeteredHub();
  hub.run({ nodeCount: 4, walltime: known(malleable.walltime, "walltime") });
  const job = hub.run({ ...malleable, capMin: watts(300) });
  const gang = (): Attempt | undefined => hub.attempts.find((one) => one.job === job);
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  const end = instant(hub.nowMs + 6 * hourMs);
  expect(hub.curtail("day", { target: watts(40_800), end }).kind).toBe("done");
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(gang()?.placement.nodes).toHaveLength(4);
  const asked = { target: watts(34_800), ramp: milliseconds(0), giveUp: [50] as const };
  const times = { start: instant(hub.nowMs), end: instant(hub.nowMs + hourMs) };
  expect(hub.curtail("hour", { ...asked, ...times })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(gang()?.placement.nodes).toHaveLength(2);
  cancel(hub);
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  expect(known(complianceOf(hub.state, "day"), "day").minutesOverCount).toBe(0);
  expect(gang()?.placement.nodes).toHaveLength(4);
  expect(gang()?.capWatts).toBeGreaterThan(300);
});
