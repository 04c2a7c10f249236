/** Mean of independent runs with its 95 % interval (normal; 1.96 standard errors). */
export interface MeanOf {
  readonly mean: number;
  readonly halfWidth: number;
  readonly min: number;
  readonly max: number;
}

export function meanOf(samples: readonly number[]): MeanOf {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, samples.length - 1));
  return {
    mean,
    halfWidth: (1.96 * deviation) / Math.sqrt(samples.length),
    min: Math.min(...samples),
    max: Math.max(...samples),
  };
}

/** 95 % interval of a share of independent runs (Wilson 1927). */
export function shareInterval(
  hitCount: number,
  count: number,
): { readonly low: number; readonly high: number } {
  const z = 1.96;
  const share = hitCount / count;
  const middle = share + z ** 2 / (2 * count);
  const spread = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  return { low: (middle - spread) / scale, high: (middle + spread) / scale };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
