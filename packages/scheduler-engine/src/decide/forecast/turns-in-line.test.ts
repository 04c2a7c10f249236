import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { curtailmentOf } from "../../testing/test-full-ramped-hub.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { MeasuredHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const minuteMs = 60_000;

/** Gangs that take caps on all eight nodes, each node 3.2 kW above idle, half of it at its floor. */
function bendingHub(ramp: string, saveMs: number, gangs: readonly Partial<JobSpec>[]): MeasuredHub {
  const hub = new MeasuredHub(rampedHub(ramp), saveMs / 1_000);
  for (const gang of gangs) {
    hub.submit({
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
      checkpoint: { save: milliseconds(saveMs), restore: milliseconds(30_000) },
      ...gang,
    });
  }
  hub.pass(2_400);
  expect(hub.feedWatts()).toBe(42_600);
  return hub;
}

/** From when on the target holds, as told at the notice and as it is by whole minutes, counted from the start. */
function toldAndHeld(
  hub: MeasuredHub,
  targetWatts: number,
  noticeMs: number,
): { told: number; held: number } {
  const at = instant(hub.nowMs);
  const startMs = hub.nowMs + noticeMs;
  const curtailment = curtailmentOf(hub, targetWatts, {
    start: instant(startMs),
    end: instant(startMs + 60 * minuteMs),
    ramp: milliseconds(minuteMs),
    giveUp: [50],
  });
  const answer = previewCurtailment(hub.state, curtailment);
  if (answer.kind !== "preview") {
    throw new Error(`no preview: ${answer.code}`);
  }
  hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
  hub.pass(noticeMs / 1_000);
  let heldMs = 0;
  for (let minute = 1; minute <= 40; minute += 1) {
    heldMs = meanOfMinute(hub) > targetWatts ? minute * minuteMs : heldMs;
  }
  return { told: toNumber(answer.forecast.timeToTarget), held: heldMs };
}

function meanOfMinute(hub: MeasuredHub): number {
  let sum = 0;
  for (let second = 0; second < 60; second += 1) {
    hub.pass(1);
    sum += hub.drawnWatts();
  }
  return sum / 60;
}

test("gangs that are wound down stop one after the other, and are told so", () => {
  const hub = bendingHub("12 kW/min over 60 s", minuteMs, [
    { nodeCount: 2 },
    { nodeCount: 2 },
    { nodeCount: 4 },
  ]);
  const { told, held } = toldAndHeld(hub, 20_000, 30 * minuteMs);
  expect(held).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThan(held - minuteMs);
  expect(told).toBeLessThan(held + 2 * minuteMs);
});

test("who may stop at full power takes no less of the ramp, and who waits for his checkpoint is told so", () => {
  const hub = bendingHub("14 kW/min over 60 s", 5 * minuteMs, [
    { nodeCount: 4, nodeCountMin: 1 },
    { nodeCount: 4, nodeCountMin: 1 },
  ]);
  const { told, held } = toldAndHeld(hub, 22_000, 30 * minuteMs);
  expect(held).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThan(held - minuteMs);
  expect(told).toBeLessThan(held + 2 * minuteMs);
});

test("whose caps have to fall before its stop lets others pass, and is told behind them", () => {
  const hub = bendingHub("14 kW/min over 60 s", 5 * minuteMs, [{ nodeCount: 6 }, { nodeCount: 2 }]);
  const { told, held } = toldAndHeld(hub, 18_000, minuteMs);
  expect(held).toBeGreaterThan(5 * minuteMs);
  expect(told).toBeGreaterThan(held - minuteMs);
  expect(told).toBeLessThan(held + 2 * minuteMs);
});

test("what is more than the ramp ever allows at its lowest cap is told to stop when its domain is quiet", () => {
  const hub = bendingHub("8 kW/min over 60 s", 2 * minuteMs, [{ nodeCount: 2 }, { nodeCount: 6 }]);
  const { told, held } = toldAndHeld(hub, 18_000, 30 * minuteMs);
  expect(held).toBeGreaterThan(2 * minuteMs);
  expect(told).toBeGreaterThan(held - minuteMs);
  expect(told).toBeLessThan(held + 2 * minuteMs);
});

/** Takes no caps. */
const rigid = { capMin: watts(400) };

test("caps of others leave a stop that is due soon its room", () => {
  const hub = bendingHub("3 kW/min over 5 min", 3 * minuteMs, [
    { nodeCount: 4, ...rigid },
    { nodeCount: 4, flexibilityTier: 25 },
  ]);
  const { told, held } = toldAndHeld(hub, 30_000, 30 * minuteMs);
  expect(told).toBeLessThanOrEqual(minuteMs);
  expect(held).toBeLessThanOrEqual(minuteMs);
});

test("pauses that ramps allow together keep their room together", () => {
  const hub = bendingHub("3 kW/min over 5 min", 2 * minuteMs, [
    { nodeCount: 2, ...rigid },
    { nodeCount: 2, ...rigid },
    { nodeCount: 2, flexibilityTier: 25 },
    { nodeCount: 2, flexibilityTier: 25 },
  ]);
  const { told, held } = toldAndHeld(hub, 30_000, 30 * minuteMs);
  expect(told).toBeLessThanOrEqual(minuteMs);
  expect(held).toBeLessThanOrEqual(minuteMs);
});

test("caps that wait for the checkpoint of another are told to be down when they are", () => {
  const hub = bendingHub("4 kW/min over 60 s", 5 * minuteMs, [
    { nodeCount: 2, ...rigid },
    { nodeCount: 6 },
  ]);
  const { told, held } = toldAndHeld(hub, 28_000, 30 * minuteMs);
  expect(held).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThan(held - minuteMs);
  expect(told).toBeLessThan(held + 2 * minuteMs);
});
