import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { drawAt } from "../curves/read-curve.ts";
import { defaultSteerSettings, type SteerTarget } from "./plan.ts";
import { fullWatts, minuteMeans, play, testJob, type Played } from "./test-plant.ts";

const jobs = [testJob(0), testJob(1, { weight: 64 }), testJob(2, { gpuCount: 64 }), testJob(3)];

function targetOf(share: number): SteerTarget {
  const fromWatts = fullWatts(jobs);
  return {
    startMs: 0,
    endMs: 3_600_000,
    rampMs: 120_000,
    fromWatts,
    targetWatts: share * fromWatts,
  };
}

const periodCount = 240;

function capsGoOneWay({ step, jobs: before }: Played): boolean {
  const now = new Map(before.map((job) => [job.id, job.capInForceWatts]));
  const ways = step.caps.map(({ id, capWatts }) => Math.sign(capWatts - (now.get(id) ?? 0)));
  return new Set(ways).size <= 1;
}

/** The same caps, had every job drawn under its own as it does when nothing is wrong. */
function asIfRunning(played: Played, ratioOf: (id: number) => number): Played {
  const drawnWatts = played.jobs.map((job) => {
    return ratioOf(job.id) * job.gpuCount * drawAt(job.curve, job.capInForceWatts);
  });
  return { ...played, drawnWatts };
}

const anyPlant = fc.record({
  share: fc.double({ min: 0.65, max: 0.9, noNaN: true }),
  ratios: fc.array(fc.double({ min: 0.95, max: 1.05, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  }),
  driftShare: fc.double({ min: -0.0002, max: 0.0002, noNaN: true }),
});

describe("steering a plant without noise", () => {
  test("keeps every minute below the target, uses 99 % of it, keeps floors, moves caps one way at a time", () => {
    fc.assert(
      fc.property(anyPlant, ({ share, ratios, driftShare }) => {
        const target = targetOf(share);
        const ratioOf = (id: number, period: number): number =>
          (ratios[id] ?? 1) + driftShare * period;
        const played = play({ target, jobs, ratioOf }, periodCount);
        const means = minuteMeans(played, target);
        expect(means).toHaveLength(38);
        expect(Math.max(...means)).toBeLessThanOrEqual(target.targetWatts);
        const used = means.reduce((sum, mean) => sum + mean, 0) / means.length;
        expect(used).toBeGreaterThan(0.99 * target.targetWatts);
        expect(played.every(capsGoOneWay)).toBe(true);
        const caps = played.flatMap((one) => one.jobs.map((job) => job.capInForceWatts));
        expect(Math.min(...caps)).toBeGreaterThanOrEqual(200);
      }),
      { numRuns: 60 },
    );
  });

  test("a dip is never refilled, and its end breaks no minute", () => {
    const dip = fc.record({
      victim: fc.integer({ min: 0, max: 3 }),
      from: fc.integer({ min: 20, max: 150 }),
      length: fc.integer({ min: 1, max: 90 }),
      depth: fc.double({ min: 0, max: 0.6, noNaN: true }),
    });
    fc.assert(
      fc.property(anyPlant, dip, ({ share, ratios }, { victim, from, length, depth }) => {
        const target = targetOf(share);
        const ratioOf = (id: number, period: number): number => {
          const isOut = id === victim && period >= from && period < from + length;
          return (ratios[id] ?? 1) * (isOut ? depth : 1);
        };
        const played = play({ target, jobs, ratioOf }, periodCount);
        expect(Math.max(...minuteMeans(played, target))).toBeLessThanOrEqual(target.targetWatts);
        const ran = played.map((one) => asIfRunning(one, (id) => ratios[id] ?? 1));
        expect(Math.max(...minuteMeans(ran, target))).toBeLessThanOrEqual(target.targetWatts);
      }),
      { numRuns: 60 },
    );
  });
});

/** Roughly normal noise of a period, common to all jobs: the sum of twelve even draws (park–miller). */
function noiseOf(seed: number, deviation: number): readonly number[] {
  let state = seed;
  const even = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: periodCount }, () => {
    const sum = Array.from({ length: 12 }, even).reduce((all, one) => all + one, 0);
    return 1 + deviation * (sum - 6);
  });
}

test.each([1, 2, 3, 4, 5])("noise costs its margin and no minute (seed %i)", (seed) => {
  const target = targetOf(0.75);
  const noise = noiseOf(seed, 0.008);
  const ratioOf = (id: number, period: number): number => (0.98 + 0.01 * id) * (noise[period] ?? 1);
  const means = minuteMeans(play({ target, jobs, ratioOf }, periodCount), target);
  expect(Math.max(...means)).toBeLessThanOrEqual(target.targetWatts);
  const used = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  expect(used).toBeGreaterThan(0.99 * target.targetWatts);
  // A margin of nothing would leave about half of the minutes over.
  expect(used).toBeLessThan(0.997 * target.targetWatts);
});

describe("what is not known counts at its bound", () => {
  test("without any telemetry caps alone stay within the target", () => {
    const target = targetOf(0.75);
    const played = play({ target, jobs, ratioOf: () => 1, isMeasured: () => false }, periodCount);
    for (const { jobs: now, atMs } of played.slice(18)) {
      const bound = now.reduce((sum, job) => sum + job.gpuCount * job.capInForceWatts, 0);
      expect(bound, `at ${atMs} ms`).toBeLessThanOrEqual(target.targetWatts);
    }
  });

  test("a job that falls silent counts at its cap, and at its draw when it is heard again", () => {
    const target = targetOf(0.75);
    const isMeasured = (id: number, period: number): boolean =>
      id !== 2 || period < 100 || period >= 170;
    const played = play({ target, jobs, ratioOf: () => 0.98, isMeasured }, periodCount);
    const means = minuteMeans(played, target);
    expect(Math.max(...means)).toBeLessThanOrEqual(target.targetWatts);
    const used = (from: number, until: number): number =>
      means.slice(from, until).reduce((sum, mean) => sum + mean, 0) / (until - from);
    for (const one of played.slice(104, 170)) {
      const counted = one.jobs.reduce((sum, job) => {
        const isSilent = job.id === 2;
        const watts = isSilent
          ? job.capInForceWatts
          : 0.98 * drawAt(job.curve, job.capInForceWatts);
        return sum + job.gpuCount * watts;
      }, 0);
      expect(counted, `at ${one.atMs} ms`).toBeLessThanOrEqual(1.003 * target.targetWatts);
    }
    // Minutes 15 to 26 after the ramp are the silent ones: its cap counts, not its draw.
    expect(used(18, 25)).toBeLessThan(0.988 * target.targetWatts);
    expect(used(30, 38)).toBeGreaterThan(0.99 * target.targetWatts);
  });

  test("a job that does not acknowledge a lowering counts at its old cap: the others give more", () => {
    const target = targetOf(0.75);
    const isObedient = (id: number): boolean => id !== 3;
    const played = play({ target, jobs, ratioOf: () => 1, isObedient }, periodCount);
    expect(played.at(-1)?.jobs[3]?.capInForceWatts).toBe(400);
    expect(Math.max(...minuteMeans(played, target))).toBeLessThanOrEqual(target.targetWatts);
  });

  test("floors that do not fit are kept and reported", () => {
    const target = targetOf(0.4);
    const played = play({ target, jobs, ratioOf: () => 1 }, periodCount);
    const last = played.at(-1);
    expect(last?.jobs.map((job) => job.capInForceWatts)).toEqual([200, 200, 200, 200]);
    expect(last?.step.missingWatts).toBeGreaterThan(0);
  });
});

describe("pauses", () => {
  const target = targetOf(0.75);

  test("a paused job's watts stay reserved", () => {
    const change = (job: Played["jobs"][number], period: number): Played["jobs"][number] =>
      job.id === 2 && period === 60 ? { ...job, presence: "paused" } : job;
    const played = play({ target, jobs, ratioOf: () => 1, change }, periodCount);
    const ran = played.map((one) => asIfRunning(one, () => 1));
    expect(Math.max(...minuteMeans(ran, target))).toBeLessThanOrEqual(target.targetWatts);
  });

  test("a released job's watts are used, and it returns only after the others have given them back", () => {
    const change = (job: Played["jobs"][number], period: number): Played["jobs"][number] => {
      if (job.id !== 2 || (period !== 60 && period !== 130)) {
        return job;
      }
      return { ...job, presence: period === 60 ? "released" : "returning" };
    };
    const played = play({ target, jobs, ratioOf: () => 1, change }, periodCount);
    expect(played[120]?.jobs[0]?.capInForceWatts).toBe(400);
    const granted = played.findIndex(({ step }) => step.granted.includes(2));
    expect(granted).toBeGreaterThan(130);
    expect(granted).toBeLessThan(140);
    expect(Math.max(...minuteMeans(played, target))).toBeLessThanOrEqual(target.targetWatts);
    const used = minuteMeans(played, target).slice(-10);
    expect(Math.min(...used)).toBeGreaterThan(0.985 * target.targetWatts);
  });
});

test("the same state and measurement give the same step, and the state stays as it was", () => {
  const target = targetOf(0.75);
  const once = play({ target, jobs, ratioOf: () => 1.02 }, 90);
  const again = play({ target, jobs, ratioOf: () => 1.02 }, 90);
  expect(again).toEqual(once);
  expect(defaultSteerSettings.windowMs % defaultSteerSettings.periodMs).toBe(0);
});

test("measured once a minute, noise is left as much room as within a minute nothing makes up for", () => {
  const target = targetOf(0.8);
  const minuteMs = 60_000;
  // Up and down by 0.4 %, ten minutes before the start too.
  const noise = (period: number): number => 1 + 0.004 * Math.sin(period * period * 1.7);
  const late = { ...target, startMs: 600_000, endMs: 8_400_000 };
  const ratioOf = (_id: number, period: number): number => noise(period);
  const played = play({ target: late, jobs, ratioOf, periodMs: minuteMs }, 139);
  const watts = played.map(({ drawnWatts }) => drawnWatts.reduce((sum, one) => sum + one, 0));
  const means = watts.filter(
    (_, at) => (at + 1) * minuteMs > late.startMs + late.rampMs + minuteMs,
  );
  expect(means.length).toBeGreaterThan(100);
  expect(Math.max(...means)).toBeLessThanOrEqual(late.targetWatts);
  const used = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  expect(used).toBeGreaterThan(0.97 * late.targetWatts);
});

test("measured once a minute in the midst of its windows, what a window has left over is no next one's excess", () => {
  const minuteMs = 60_000;
  // A little noise, and from minute 60 on another level: what was too little so far must not come back as a surge.
  const ratioOf = (_id: number, period: number): number =>
    (period < 60 ? 1.03 : 0.99) * (1 + 0.004 * Math.sin(period * period * 1.7));
  for (const offsetMs of [10_000, 25_000, 40_000, 55_000]) {
    const late = { ...targetOf(0.8), startMs: 600_000 + offsetMs, endMs: 8_400_000 };
    const means = minuteMeans(play({ target: late, jobs, ratioOf, periodMs: minuteMs }, 139), late);
    // The first is what the ramp's last measurement left.
    expect(Math.max(...means.slice(1)), `${offsetMs} ms`).toBeLessThanOrEqual(late.targetWatts);
    const used = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    expect(used, `${offsetMs} ms`).toBeGreaterThan(0.96 * late.targetWatts);
  }
});
