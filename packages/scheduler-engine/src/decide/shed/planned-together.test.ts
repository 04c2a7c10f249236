import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** When the first one begins; its ramp takes twenty minutes. */
const beginMs = startMs + 15 * minuteMs;
const endMs = beginMs + hourMs;
const first: Partial<Curtailment> = {
  target: watts(34_000),
  baseline: watts(42_000),
  start: instant(beginMs),
  end: instant(endMs),
  ramp: milliseconds(20 * minuteMs),
};

/** Eight jobs draw 41.3 kW of bounds of 42.6 kW. */
function busyHub(): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(bending);
  }
  expect(hub.curtail("first", first)).toEqual({ kind: "done" });
  return hub;
}

function minutesOver(hub: MeteredHub, id: string): number {
  return known(complianceOf(hub.state, id), id).minutesOverCount;
}

/** Mean draw of the minutes of a curtailment from one on, watts. */
function meanFrom(hub: MeteredHub, id: string, minute: number): number {
  const held = known(complianceOf(hub.state, id), id).minutes.slice(minute);
  return held.reduce((sum, { mean }) => sum + Number(mean), 0) / held.length;
}

function cancel(hub: MeteredHub, id: string): void {
  const at = instant(hub.nowMs);
  const command = { kind: "cancel-curtailment", at, by: "olga", reason: "taken back", id } as const;
  expect(hub.engine.execute(command).reply).toEqual({ kind: "done" });
}

test("a deeper one that begins in another's ramp is kept, and so is the other before and after it", () => {
  const hub = busyHub();
  const [start, end] = [beginMs + 10 * minuteMs, beginMs + 30 * minuteMs];
  const second = { target: watts(31_000), start: instant(start), end: instant(end) };
  expect(hub.curtail("second", { ...second, ramp: milliseconds(5 * minuteMs) })).toEqual({
    kind: "done",
  });
  hub.playUntil(endMs);
  expect([minutesOver(hub, "first"), minutesOver(hub, "second")]).toEqual([0, 0]);
  expect(meanFrom(hub, "second", 6)).toBeGreaterThan(0.98 * 31_000);
  expect(meanFrom(hub, "first", 45)).toBeGreaterThan(0.98 * 34_000);
});

test("an emergency that begins in the ramp of a planned one binds bounds at once, and the planned one goes on after it", () => {
  const hub = busyHub();
  hub.playUntil(beginMs + 5 * minuteMs);
  const emergency = {
    mode: "emergency",
    start: instant(hub.nowMs),
    ramp: milliseconds(0),
  } as const;
  const end = instant(hub.nowMs + 10 * minuteMs);
  expect(hub.curtail("trip", { ...emergency, target: watts(30_000), end })).toEqual({
    kind: "done",
  });
  // Caps are acknowledged in the first period.
  hub.playUntil(hub.nowMs + 10_000);
  hub.playUntil(Number(end) - 10_000, () => {
    expect(hub.feedWatts()).toBeLessThanOrEqual(30_000);
  });
  hub.playUntil(endMs);
  expect(minutesOver(hub, "first")).toBe(0);
  expect(meanFrom(hub, "first", 30)).toBeGreaterThan(0.98 * 34_000);
});

test("one that is cancelled in its ramp gives back what it took; another that goes on is kept", () => {
  const alone = busyHub();
  alone.playUntil(beginMs + 10 * minuteMs);
  expect(alone.feedWatts()).toBeLessThan(40_000);
  cancel(alone, "first");
  alone.playUntil(alone.nowMs + 50 * minuteMs);
  expect(alone.feedWatts()).toBe(42_600);

  const hub = busyHub();
  const second = { target: watts(36_000), start: instant(beginMs), end: instant(endMs) };
  expect(hub.curtail("second", second)).toEqual({ kind: "done" });
  hub.playUntil(beginMs + 10 * minuteMs);
  cancel(hub, "first");
  hub.playUntil(endMs);
  expect(minutesOver(hub, "second")).toBe(0);
  expect(meanFrom(hub, "second", 30)).toBeGreaterThan(0.98 * 36_000);
});

test("a feed lost in a planned one binds bounds at once, whatever is measured; with it back the target goes on", () => {
  const hub = busyHub();
  hub.playUntil(beginMs + 25 * minuteMs);
  expect(hub.feedWatts()).toBeGreaterThan(34_000);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(33_000) });
  hub.playUntil(hub.nowMs + 10_000);
  hub.playUntil(hub.nowMs + 10 * minuteMs, () => {
    expect(hub.feedWatts()).toBeLessThanOrEqual(33_000);
  });
  hub.report({ kind: "supply-back", domain: 0 });
  hub.playUntil(endMs);
  expect(minutesOver(hub, "first")).toBe(0);
  expect(meanFrom(hub, "first", 45)).toBeGreaterThan(0.98 * 34_000);
});

test("a node that does not acknowledge in a planned one draws as before, and others give its part", () => {
  const hub = busyHub();
  hub.silent.add(0);
  hub.silent.add(5);
  hub.playUntil(endMs);
  expect(minutesOver(hub, "first")).toBe(0);
  expect(meanFrom(hub, "first", 25)).toBeGreaterThan(0.98 * 34_000);
  const caps = hub.attempts.map(({ capWatts, capInForce }) => [capInForce?.size ?? 0, capWatts]);
  expect(caps.filter(([open]) => open === 1)).toHaveLength(2);
});
