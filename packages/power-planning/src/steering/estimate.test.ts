import { describe, expect, test } from "vitest";

import {
  follow,
  learnNoise,
  marginShare,
  noiseShareOf,
  startLevel,
  startNoise,
} from "./estimate.ts";
import { defaultSteerSettings as settings } from "./plan.ts";

const spreads = { noiseShare: 0.01, wanderShare: 0.0005 };

describe("a level", () => {
  test("believes the first measurements and becomes slow", () => {
    let level = startLevel(0.02);
    level = follow(level, 0.03, spreads);
    expect(level.ratio).toBeCloseTo(1 + 0.8 * 0.03, 4);
    for (let period = 0; period < 200; period += 1) {
      level = follow(level, 1.03 / level.ratio - 1, spreads);
    }
    expect(level.ratio).toBeCloseTo(1.03, 6);
    const jump = follow(level, 0.01, spreads).ratio / level.ratio - 1;
    // The steady gain of a random walk q seen through noise r: about √(q/r), here 0.05.
    expect(jump / 0.01).toBeGreaterThan(0.04);
    expect(jump / 0.01).toBeLessThan(0.06);
  });

  test("follows a drift of 0.04 % a minute with less than a fifth of a per cent of lag", () => {
    let level = startLevel(0.02);
    let truth = 1;
    for (let period = 0; period < 600; period += 1) {
      truth += 0.0004 / 6;
      level = follow(level, truth / level.ratio - 1, spreads);
    }
    expect(truth / level.ratio - 1).toBeLessThan(0.002);
  });
});

describe("the margin", () => {
  test("is the quantile times the noise of the last sixth of a minute", () => {
    let noise = startNoise(settings);
    for (let period = 0; period < 2_000; period += 1) {
      noise = learnNoise(noise, period % 2 === 0 ? 0.006 : -0.006);
    }
    expect(noiseShareOf(noise)).toBeCloseTo(0.006, 3);
    expect(marginShare(noise, settings)).toBeCloseTo((4 * 0.006) / 6, 3);
  });

  test("is wider while little was measured", () => {
    const little = startNoise(settings);
    const quantile = 4 + (64 + 4) / (4 * settings.priorPeriodCount);
    expect(marginShare(little, settings)).toBeCloseTo((quantile * 0.01) / 6, 9);
  });

  test("is not widened for long by one event", () => {
    let noise = startNoise(settings);
    for (let period = 0; period < 500; period += 1) {
      noise = learnNoise(noise, 0.005);
    }
    const before = marginShare(noise, settings);
    expect(marginShare(learnNoise(noise, -0.5), settings)).toBeLessThan(1.03 * before);
  });
});
