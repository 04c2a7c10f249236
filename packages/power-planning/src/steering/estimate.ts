import type { SteerSettings } from "./plan.ts";

/**
 * A level that wanders, seen through noise: the scalar Kalman filter of a random walk (Kalman 1960;
 * Harvey 1989, "local level"). Its gain falls by itself from belief in the first measurements to a
 * slow filter.
 */
export interface Level {
  readonly ratio: number;
  /** Squared standard error of the ratio. */
  readonly varianceShare: number;
}

export function startLevel(spreadShare: number): Level {
  return { ratio: 1, varianceShare: spreadShare * spreadShare };
}

/** `surpriseShare`: measured ÷ expected − 1. */
export function follow(
  level: Level,
  surpriseShare: number,
  spreads: { readonly noiseShare: number; readonly wanderShare: number },
): Level {
  const before = level.varianceShare + spreads.wanderShare ** 2;
  const gain = before / (before + spreads.noiseShare ** 2);
  return { ratio: level.ratio * (1 + gain * surpriseShare), varianceShare: (1 - gain) * before };
}

/** What was learned about how the next period's total departs from its expectation. */
export interface Noise {
  readonly squareSumShare: number;
  readonly periodCount: number;
}

export function startNoise(settings: SteerSettings): Noise {
  return {
    squareSumShare: settings.priorPeriodCount * settings.priorNoiseShare ** 2,
    periodCount: settings.priorPeriodCount,
  };
}

/** Older surprises fade with a memory of this many periods, so that a noise that changes is followed. */
const memoryPeriodCount = 720;

/**
 * A surprise of more than four deviations tells of an event, not of the noise: the estimate takes it
 * for one of four, so that one of them does not widen the margin for hours.
 */
export function learnNoise(noise: Noise, surpriseShare: number): Noise {
  const most = 4 * noiseShareOf(noise);
  const taken = Math.min(Math.abs(surpriseShare), most);
  const keep = noise.periodCount < memoryPeriodCount ? 1 : 1 - 1 / memoryPeriodCount;
  return {
    squareSumShare: noise.squareSumShare * keep + taken * taken,
    periodCount: noise.periodCount * keep + 1,
  };
}

export function noiseShareOf(noise: Noise): number {
  return Math.sqrt(noise.squareSumShare / noise.periodCount);
}

/**
 * Part of a window's target that is left free. All but the last period of a window are corrected by
 * the ones after them, so a window's mean misses by the surprise of its last period alone, divided by
 * the number of periods: m = t(z, ν) · s / n. The surprises' second moment s² carries the prior with
 * its weight (inverse gamma, so the surprise of the next period has a Student distribution with ν
 * degrees of freedom); its quantile comes from the normal one by t ≈ z + (z³ + z) ÷ 4ν (Abramowitz and
 * Stegun 26.7.5).
 */
export function marginShare(noise: Noise, settings: SteerSettings): number {
  const z = settings.deviationCount;
  const quantile = z + (z ** 3 + z) / (4 * noise.periodCount);
  return (quantile * noiseShareOf(noise) * settings.periodMs) / settings.windowMs;
}
