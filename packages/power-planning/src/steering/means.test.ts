import { describe, expect, test } from "vitest";
import { noiseShareOf } from "./estimate.ts";
import type { SteerTarget } from "./plan.ts";
import { fullWatts, minuteMeans, play, type Play, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
const jobs = [0, 1, 2, 3].map((id) => testJob(id, { weight: 32 + id }));
const fromWatts = fullWatts(jobs);
const target: SteerTarget = {
  startMs: 10 * minuteMs,
  endMs: 100 * minuteMs,
  rampMs: 5 * minuteMs,
  fromWatts,
  targetWatts: 0.75 * fromWatts,
};

describe("caps that act in the middle of what is measured", () => {
  test.each([10_000, minuteMs])("teach no wrong level, measured every %i ms", (periodMs) => {
    const plan: Play = { target, jobs, periodMs, lateShare: 0.5, ratioOf: () => 1 };
    const played = play(plan, (95 * minuteMs) / periodMs);
    for (const { step } of played) {
      for (const [id, { own, departure }] of step.state.knowledge.jobs) {
        expect(Math.abs(own.ratio - 1), `level of ${id}`).toBeLessThan(0.01);
        expect(departure, `of ${id}`).toBeUndefined();
      }
    }
    const last = played.at(-1) ?? expect.fail("nothing was played");
    // There is no noise: of what was thought of it before only what so many periods leave remains.
    expect(noiseShareOf(last.step.state.knowledge.noise)).toBeLessThan(0.0015);
    const means = minuteMeans(played, target);
    expect(Math.max(...means)).toBeLessThanOrEqual(target.targetWatts);
    const used = means.reduce((sum, mean) => sum + mean, 0) / means.length / target.targetWatts;
    expect(used).toBeGreaterThan(periodMs < minuteMs ? 0.99 : 0.94);
  });
});
