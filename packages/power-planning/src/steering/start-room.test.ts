import { expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import { defaultSteerSettings, type Measurement, type SteerJob } from "./plan.ts";
import { startRoomWatts } from "./start-room.ts";
import { startSteering, steer, type SteerInput, type SteerStep } from "./steer.ts";
import { testCurve, testJob } from "./test-plant.ts";

const settings = defaultSteerSettings;
const fullWatts = 32 * 382;
const target = { startMs: 0, endMs: 3_600_000, rampMs: 0, fromWatts: 50_000, targetWatts: 30_000 };

function inputAt(
  atMs: number,
  jobs: readonly SteerJob[],
  changes: Partial<Measurement>,
): SteerInput {
  const jobWatts = new Map(jobs.map(({ id }) => [id, fullWatts]));
  const measurement = {
    fromMs: atMs - settings.periodMs,
    atMs,
    jobWatts,
    restWatts: 2_000,
    restBoundWatts: 2_000,
    ...changes,
  };
  return { target, jobs, measurement, settings };
}

/** After ten minutes in which every job drew what its curve says. */
function learned(
  jobs: readonly SteerJob[],
  changes: Partial<Measurement> = {},
): { readonly step: SteerStep; readonly input: SteerInput } {
  let state = startSteering(settings);
  for (let atMs = settings.periodMs; ; atMs += settings.periodMs) {
    const input = inputAt(atMs, jobs, changes);
    const step = steer(state, input);
    if (atMs === 600_000) {
      return { step, input };
    }
    state = step.state;
  }
}

function roomOf(
  { step, input }: { readonly step: SteerStep; readonly input: SteerInput },
  lastMinuteWatts?: number,
): number {
  return startRoomWatts(step, input, lastMinuteWatts) ?? Number.NaN;
}

test("what is left below the target and its margin, beside what is expected and the rest", () => {
  const at = learned([testJob(1)]);
  const left = 30_000 * (1 - at.step.marginShare) - fullWatts - 2_000;
  expect(roomOf(at)).toBeCloseTo(left, 3);
  expect(left).toBeGreaterThan(15_000);
});

test("what cannot be lowered counts at its bounds", () => {
  const at = learned([testJob(1)], { restMostWatts: 6_000 });
  expect(roomOf(at)).toBeCloseTo(roomOf(learned([testJob(1)])) - 4_000, 3);
});

test("the minute just over may have left less than is expected", () => {
  const at = learned([testJob(1)]);
  expect(roomOf(at, 14_000)).toBe(roomOf(at));
  expect(roomOf(at, 29_000)).toBe(1_000);
  expect(roomOf(at, 31_000)).toBe(-1_000);
});

test("where what cannot be lowered counts for more than may be drawn, so much is told below nothing", () => {
  const at = learned([testJob(1)], { restMostWatts: 20_000 });
  const goalWatts = 30_000 * (1 - at.step.marginShare);
  expect(roomOf(at)).toBeCloseTo(goalWatts - fullWatts - 20_000, 3);
});

test("there is none while a job waits to come back, a step lowers somebody, or nothing is on", () => {
  const returning = { presence: "returning", curve: testCurve } as const;
  expect(roomOf(learned([testJob(1), testJob(2, returning)]))).toBe(0);
  expect(roomOf(learned([testJob(1), testJob(2), testJob(3)]))).toBeLessThan(0);
  const { step, input } = learned([testJob(1)]);
  const lowering = { ...step, caps: [{ id: 1, capWatts: 390 }] };
  expect(startRoomWatts(lowering, input, 0)).toBe(0);
  expect(startRoomWatts({ ...step, roomWatts: undefined }, input, 0)).toBeUndefined();
});

test("what is to come of jobs that have just started is given to nobody else, within the bounds of the rest", () => {
  const capped = testJob(1, { capInForceWatts: 300 });
  const jobWatts = new Map([[1, 32 * 292]]);
  const capAfter = (changes: Partial<Measurement>): number => {
    const { step } = learned([capped], { jobWatts, restWatts: 18_000, ...changes });
    return step.caps[0]?.capWatts ?? 300;
  };
  const alone = capAfter({ restMostWatts: 22_000 });
  const besideStart = capAfter({ restMostWatts: 22_000, restComingWatts: 2_000 });
  expect(besideStart).toBeLessThan(alone - 20);
  expect(besideStart).toBe(capAfter({ restWatts: 20_000 }));
  expect(capAfter({ restMostWatts: 18_000, restComingWatts: 2_000 })).toBe(alone);
});

test("a job that a ramp let fall only in part is asked for the rest", () => {
  const tooMuch = [testJob(1), testJob(2), testJob(3)];
  const { step } = learned(tooMuch);
  const next = (changes: Partial<SteerJob>): SteerStep => {
    const jobs = tooMuch.map((job) => ({ ...job, capInForceWatts: 370, ...changes }));
    return steer(step.state, inputAt(610_000, jobs, {}));
  };
  expect(next({}).caps).toEqual([]);
  expect(next({ sentCapWatts: 370 }).caps.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test("who comes back is granted what he draws beside his caps, too", () => {
  const back = (besideWatts: number): SteerStep => {
    const returning = testJob(2, { presence: "returning", besideWatts });
    const input = inputAt(610_000, [testJob(1), returning], {
      jobWatts: new Map([[1, fullWatts]]),
    });
    return steer(learned([testJob(1)]).step.state, input);
  };
  const capOf = ({ caps }: SteerStep): number => caps.find(({ id }) => id === 2)?.capWatts ?? 0;
  expect(back(0).granted).toEqual([2]);
  expect(capOf(back(0))).toBe(400);
  expect(back(6_000).granted).toEqual([2]);
  expect(capOf(back(6_000))).toBeLessThan(360);
  expect(back(12_000).granted).toEqual([]);
});

test("what is promised for soon is left free, is no room for others, and is asked of nobody for the minute that is over", () => {
  const at = learned([testJob(1)], { promisedWatts: 5_000 });
  expect(roomOf(at)).toBeCloseTo(roomOf(learned([testJob(1)])) - 5_000, 3);
  expect(roomOf(at, 24_000)).toBe(1_000);
  const jobs = [testJob(1), testJob(2)];
  const jobWatts = new Map(jobs.map(({ id }) => [id, fullWatts]));
  let { state } = learned(jobs).step;
  for (const atMs of [610_000, 620_000, 630_000, 640_000]) {
    state = steer(state, inputAt(atMs, jobs, { jobWatts })).state;
  }
  // So far more was drawn in this minute than there will be beside the start.
  const step = steer(state, inputAt(650_000, jobs, { jobWatts, promisedWatts: 5_000 }));
  const caps = new Map(step.caps.map(({ id, capWatts }) => [id, capWatts]));
  const drawnWatts = jobs.reduce(
    (sum, { id, curve, gpuCount }) => sum + gpuCount * drawAt(curve, caps.get(id) ?? 400),
    2_000,
  );
  const leftWatts = (step.roomWatts ?? 0) - 5_000;
  expect(leftWatts).toBeGreaterThanOrEqual(30_000 * (1 - step.marginShare) - 5_000);
  expect(drawnWatts).toBeLessThanOrEqual(leftWatts);
  expect(drawnWatts).toBeGreaterThan(0.98 * leftWatts);
});

test("nodes are woken for a return only where there is room for them after the window, too", () => {
  const back = (isWoken: boolean): SteerStep => {
    const returning = testJob(2, { presence: "returning", besideWatts: 9_500, isWoken });
    // Half of a window that nearly nothing was drawn in leaves more for its rest than every window has.
    const before = learned([testJob(1)]).step.state;
    const state = { ...before, window: { startMs: 600_000, countedWattMs: 0 } };
    const input = inputAt(640_000, [testJob(1), returning], {
      fromMs: 630_000,
      jobWatts: new Map([[1, fullWatts]]),
    });
    return steer(state, input);
  };
  expect(back(false).granted).toEqual([2]);
  expect(back(true).granted).toEqual([]);
});
