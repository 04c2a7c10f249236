import { describe, expect, test } from "vitest";

import { defaultSteerSettings as settings, goalAt, type SteerTarget } from "./plan.ts";
import { startSteering, steer, type SteerState, type SteerStep } from "./steer.ts";
import { testJob } from "./test-plant.ts";
import { countDrawn, roomWatts, windowStartMs, type Window } from "./window.ts";

const target: SteerTarget = {
  startMs: 30_000,
  endMs: 1_830_000,
  rampMs: 300_000,
  fromWatts: 100_000,
  targetWatts: 70_000,
};

const plan = {
  windowMs: 60_000,
  periodMs: 10_000,
  marginShare: 0,
  giveBackShare: 0.05,
};

describe("the goal", () => {
  test("falls in a straight line, then holds, and ends", () => {
    expect(goalAt(target, 29_999)).toBeUndefined();
    expect(goalAt(target, 30_000)).toBe(100_000);
    expect(goalAt(target, 180_000)).toBe(85_000);
    expect(goalAt(target, 330_000)).toBe(70_000);
    expect(goalAt(target, 1_829_999)).toBe(70_000);
    expect(goalAt(target, 1_830_000)).toBeUndefined();
  });

  test("rises never, when the baseline lies below the target", () => {
    expect(goalAt({ ...target, fromWatts: 60_000 }, 40_000)).toBe(70_000);
  });
});

describe("the window", () => {
  test("is counted from the event's start; what lies before it is forgotten", () => {
    expect(windowStartMs(target, 60_000, 409_999)).toBe(390_000);
    const old: Window = { startMs: 330_000, countedWattMs: 1e9 };
    const next = countDrawn(old, { fromMs: 385_000, atMs: 395_000, meanWatts: 70_000 }, 390_000);
    expect(next).toEqual({ startMs: 390_000, countedWattMs: 5_000 * 70_000 });
  });

  test("spreads what was too much over what is left of it", () => {
    // Half a minute at 1,000 W too much: the other half must stay 1,000 W below.
    const window = { startMs: 390_000, countedWattMs: 30_000 * 71_000 };
    expect(roomWatts(target, window, { ...plan, atMs: 420_000 })).toBeCloseTo(69_000, 6);
    const last = { startMs: 390_000, countedWattMs: 50_000 * 70_100 };
    expect(roomWatts(target, last, { ...plan, atMs: 440_000 })).toBeCloseTo(69_500, 6);
  });

  test("gives back what was left over, but never as a surge", () => {
    const window = { startMs: 390_000, countedWattMs: 30_000 * 69_000 };
    expect(roomWatts(target, window, { ...plan, atMs: 420_000 })).toBeCloseTo(71_000, 6);
    const empty = { startMs: 390_000, countedWattMs: 0 };
    expect(roomWatts(target, empty, { ...plan, atMs: 440_000 })).toBeCloseTo(73_500, 6);
  });

  test("gives nothing back where the next measurement comes after its end, but makes up for too much", () => {
    const rough = { ...plan, periodMs: 60_000, atMs: 420_000 };
    const little = { startMs: 390_000, countedWattMs: 30_000 * 69_000 };
    expect(roomWatts(target, little, rough)).toBeCloseTo(70_000, 6);
    const much = { startMs: 390_000, countedWattMs: 30_000 * 71_000 };
    expect(roomWatts(target, much, rough)).toBeCloseTo(69_000, 6);
  });

  test("follows the ramp: what was meant so far is the mean of its line", () => {
    // Second minute of the ramp, half of it over; the line ran from 94,000 to 91,000 W.
    const window = { startMs: 90_000, countedWattMs: 30_000 * 92_500 };
    expect(roomWatts(target, window, { ...plan, atMs: 120_000 })).toBeCloseTo(90_500, 6);
  });

  test("has no room to give outside the event", () => {
    const window = { startMs: 0, countedWattMs: 0 };
    expect(roomWatts(target, window, { ...plan, atMs: 20_000 })).toBeUndefined();
    expect(roomWatts(target, window, { ...plan, atMs: 1_830_000 })).toBeUndefined();
  });
});

test("a measurement out of turn gives back nothing that the next one, as late as ever, could not take away", () => {
  const jobs = [testJob(1, { capInForceWatts: 200 })];
  let state: SteerState | undefined;
  let atMs = 390_000;
  const after = (ms: number): SteerStep => {
    const fromMs = atMs;
    atMs += ms;
    const jobWatts = new Map([[1, 32 * 196]]);
    const measurement = { fromMs, atMs, jobWatts, restWatts: 40_000, restBoundWatts: 40_000 };
    state ??= startSteering(settings, measurement);
    const step = steer(state, { target, jobs, measurement, settings });
    state = step.state;
    return step;
  };
  const steady = after(60_000);
  const early = after(14_000);
  expect(early.marginShare).toBeGreaterThan(0.6 * steady.marginShare);
  expect(early.roomWatts).toBeLessThan(target.targetWatts);
  // Who measures more often from then on is believed at the second one.
  expect(after(14_000).marginShare).toBeLessThan(0.5 * steady.marginShare);
});
