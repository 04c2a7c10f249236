/** Mean of seeds with its 95 % interval by Student's t: there are few of them. */
export interface Interval {
  readonly mean: number;
  readonly halfWidth: number;
}

/** Two-sided 95 % points of Student's t by degrees of freedom from 1. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
];

export function intervalOf(samples: readonly number[]): Interval {
  const count = samples.length;
  const mean = samples.reduce((sum, one) => sum + one, 0) / count;
  const squares = samples.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const t = studentT[count - 2] ?? 1.96;
  return {
    mean,
    halfWidth: count < 2 ? 0 : (t * Math.sqrt(squares / (count - 1))) / Math.sqrt(count),
  };
}

/** By how much the first is below the second, seed by seed, as a part of the second. */
export function reductionOf(first: readonly number[], second: readonly number[]): Interval {
  return intervalOf(first.map((value, at) => 1 - value / (second[at] ?? value)));
}

export function differenceOf(first: readonly number[], second: readonly number[]): Interval {
  return intervalOf(first.map((value, at) => value - (second[at] ?? value)));
}

export function intervalText({ mean, halfWidth }: Interval, digits: number): string {
  return `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}

export function percentText({ mean, halfWidth }: Interval): string {
  return `${(mean * 100).toFixed(1)} ± ${(halfWidth * 100).toFixed(1)} %`;
}
