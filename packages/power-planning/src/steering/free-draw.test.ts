import { describe, expect, test } from "vitest";
import { drawAt, speedAt } from "../curves/read-curve.ts";
import { believedDraw, freeCurve } from "./belief.ts";
import type { Candidate } from "./candidate.ts";
import { chooseCaps } from "./choose-caps.ts";
import { noiseShareOf } from "./estimate.ts";
import type { SteerJob, SteerTarget } from "./plan.ts";
import { minuteMeans, play, type Played, type Play, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
/** As a B200 whose curve nobody measured. */
const curve: SteerJob["curve"] = {
  points: [
    { capWatts: 500, speed: 0.718, drawWatts: 500 },
    { capWatts: 700, speed: 1, drawWatts: 700 },
  ],
};
/** What the work of each job asks of a GPU, watts; a cap that holds it back leaves 96 % of itself. */
const asks = [664, 589, 596, 622, 612, 653, 647, 639];
const jobs = asks.map((_, id) =>
  testJob(id, {
    gpuCount: id === 7 ? 168 : 512,
    weight: id === 7 ? 168 : 512,
    curve,
    floorCapWatts: 500,
    ceilingCapWatts: 700,
    capInForceWatts: 700,
  }),
);
/** And as much again is not steered: nodes of others, and losses. */
const restWatts = 2_900_000;
const fullWatts = asks.reduce((sum, watts, id) => sum + (id === 7 ? 168 : 512) * watts, restWatts);

function planOf(target: SteerTarget, grown: (period: number) => number = () => 1): Play {
  const caps = new Map<number, number>();
  return {
    target,
    jobs,
    isMeasured: (id, period) => id === 0 || period > 0,
    restWatts,
    lateShare: 0.05,
    change: (job) => {
      caps.set(job.id, job.capInForceWatts);
      return job;
    },
    ratioOf: (id, period) => {
      const cap = caps.get(id) ?? 700;
      return Math.min((asks[id] ?? 0) * grown(period), 0.96 * cap) / drawAt(curve, cap);
    },
  };
}

function targetOf(part: number, minutes: number, rampMs: number): SteerTarget {
  const startMs = 30_000;
  const targetWatts = part * fullWatts;
  return {
    startMs,
    endMs: startMs + minutes * minuteMs,
    rampMs,
    fromWatts: fullWatts,
    targetWatts,
  };
}

/** How far caps moved, down and up, watts of a GPU. */
function swungWatts(played: readonly Played[], fromMs: number): number {
  const settled = played.filter(({ atMs }) => atMs > fromMs);
  return settled.reduce((sum, { jobs: now }, at) => {
    const before = settled[at - 1]?.jobs ?? now;
    return (
      sum +
      now.reduce((moved, { capInForceWatts }, job) => {
        return moved + Math.abs(capInForceWatts - (before[job]?.capInForceWatts ?? 0));
      }, 0)
    );
  }, 0);
}

describe("a few big jobs whose work asks for a part of what their caps allow", () => {
  const target = targetOf(0.9306, 8, minuteMs);
  const played = play(planOf(target), 370);

  test("use the target, minute by minute", () => {
    const means = minuteMeans(played, target, restWatts).map((mean) => mean / target.targetWatts);
    expect(Math.max(...means)).toBeLessThanOrEqual(1);
    expect(means.reduce((sum, mean) => sum + mean, 0) / means.length).toBeGreaterThan(0.9945);
    expect(Math.min(...means)).toBeGreaterThan(0.993);
  });

  test("keep their caps once it holds", () => {
    expect(swungWatts(played, target.startMs + 2 * minuteMs)).toBeLessThan(300);
  });

  test("teach no noise", () => {
    const { noise } = played.at(-1)?.step.state.knowledge ?? expect.fail("nothing was played");
    expect(noiseShareOf(noise)).toBeLessThan(0.004);
  });
});

test("load that grows towards the target is held at it by caps that stay near what it draws", () => {
  const target = targetOf(1.03, 60, 0);
  const grown = (period: number): number => 1 + 0.1 * Math.min(1, Math.max(0, (period - 60) / 180));
  const played = play(planOf(target, grown), 370);
  const means = minuteMeans(played, target, restWatts).map((mean) => mean / target.targetWatts);
  expect(Math.max(...means)).toBeLessThanOrEqual(1);
  expect(means.at(-1)).toBeGreaterThan(0.985);
  expect(swungWatts(played, target.startMs)).toBeLessThan(400);
});

test("a lower cap saves nothing down to what a job takes by itself, and above all that was seen it might take more", () => {
  const belief = { ratio: 0.96, free: { ratio: 0.85, capWatts: 680 } };
  const takenWatts = 0.85 * 680;
  expect(believedDraw(curve, 680, belief)).toBeCloseTo(takenWatts, 6);
  expect(believedDraw(curve, 640, belief)).toBeCloseTo(takenWatts, 6);
  expect(believedDraw(curve, 600, belief)).toBeCloseTo(576, 6);
  const { curve: next, elbowCapWatts } = freeCurve(curve, 650, belief);
  expect(elbowCapWatts).toBeCloseTo(takenWatts / 0.96, 6);
  expect(drawAt(next, 600)).toBeCloseTo(576, -1);
  expect(drawAt(next, 650)).toBeCloseTo(takenWatts, -1);
  expect(drawAt(next, 680)).toBeCloseTo(takenWatts, 6);
  expect(drawAt(next, 700)).toBeCloseTo(takenWatts + 0.96 * 20, 6);
  // Losses are told by curves, and so are speeds.
  expect(speedAt(next, 600)).toBeCloseTo(speedAt(curve, 600), 6);
});

test("who was held back comes up to all that he was seen to take, as far as there is room for that", () => {
  const belief = { ratio: 0.96, free: { ratio: 0.85, capWatts: 700 } };
  const job = { ...known(jobs[0]), capInForceWatts: 600 };
  const one: Candidate = { job, belief, isStale: false, isResting: false, isOpen: false };
  const capWith = (watts: number): number => {
    const choice = chooseCaps([one], 512 * watts, "raise");
    return choice.kind === "caps" ? known(choice.caps[0]).capWatts : 0;
  };
  expect(capWith(596)).toBe(700);
  expect(capWith(580)).toBeLessThan(610);
});

function known<T>(value: T | undefined): T {
  return value ?? expect.fail("it is known");
}

test("what is missing is told once caps at their floors were seen to save next to nothing", () => {
  const floors = asks.map((watts) => 0.99 * watts);
  const floored = jobs.map((job, id) => ({ ...job, floorCapWatts: floors[id] ?? 0 }));
  const target = targetOf(0.997, 8, 0);
  const caps = new Map<number, number>();
  const played = play(
    {
      ...planOf(target),
      jobs: floored,
      change: (job) => {
        caps.set(job.id, job.capInForceWatts);
        return job;
      },
      // A cap that holds them back leaves all of itself.
      ratioOf: (id) => {
        const cap = caps.get(id) ?? 700;
        return Math.min(asks[id] ?? 0, cap) / drawAt(curve, cap);
      },
    },
    12,
  );
  expect(played.at(-1)?.step.missingWatts).toBeGreaterThan(0.002 * target.targetWatts);
});
