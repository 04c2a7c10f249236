import { expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import type { SteerJob, SteerTarget } from "./plan.ts";
import { minuteMeans, play, type Play, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
/** Its lowest cap holds what it draws, higher ones leave more and more of themselves. */
const curve: SteerJob["curve"] = {
  points: [
    { capWatts: 200, speed: 0.7, drawWatts: 195 },
    { capWatts: 300, speed: 0.9, drawWatts: 275 },
    { capWatts: 400, speed: 1, drawWatts: 343 },
  ],
};
const gpuCount = 32;
const target: SteerTarget = {
  startMs: 5 * minuteMs,
  endMs: 60 * minuteMs,
  rampMs: 0,
  fromWatts: gpuCount * 400,
  targetWatts: gpuCount * 375,
};

/** Its breaker leaves it no more than its lowest cap for ten minutes. */
function planOf(ratio: number, periodMs: number): Play {
  let cap = 200;
  return {
    target,
    jobs: [testJob(0, { gpuCount, curve, capInForceWatts: cap })],
    periodMs,
    change: (job, period) => {
      cap = job.capInForceWatts;
      return { ...job, ceilingCapWatts: period * periodMs < 10 * minuteMs ? 200 : 400 };
    },
    ratioOf: () => Math.min(cap / drawAt(curve, cap), ratio),
  };
}

test.each([
  [1.03, minuteMs],
  [1.12, minuteMs],
  [1.25, minuteMs],
  [1.12, 10_000],
])(
  "what a job would draw that draws all of its cap is not told by its curve: %d of it passes no target, measured every %i ms",
  (ratio, periodMs) => {
    const means = minuteMeans(play(planOf(ratio, periodMs), (50 * minuteMs) / periodMs), target);
    expect(Math.max(...means)).toBeLessThanOrEqual(target.targetWatts);
    const most = Math.min(target.targetWatts, gpuCount * Math.min(400, ratio * 343));
    expect(means.at(-1)).toBeGreaterThan(0.96 * most);
  },
);
