const windowSeconds = 60;

export interface Steepness {
  /** Steepest changes of the mean of 60 s from one minute to the next, in watts. */
  readonly upWatts: number;
  readonly downWatts: number;
  readonly upOverSeconds: number;
  readonly downOverSeconds: number;
}

/** By the definition, second by second; before the first one everything drew what it draws then. */
export function measureRamp(watts: Float64Array, limitWatts: number): Steepness {
  const lead = 2 * windowSeconds;
  const sums = new Float64Array(watts.length + lead + 1);
  for (let at = 0; at < watts.length + lead; at += 1) {
    sums[at + 1] = (sums[at] ?? 0) + (watts[Math.max(0, at - lead)] ?? 0);
  }
  const mean = (end: number): number =>
    ((sums[end] ?? 0) - (sums[end - windowSeconds] ?? 0)) / windowSeconds;
  let [upWatts, downWatts, upOverSeconds, downOverSeconds] = [0, 0, 0, 0];
  for (let end = lead; end < sums.length; end += 1) {
    const change = mean(end) - mean(end - windowSeconds);
    upWatts = Math.max(upWatts, change);
    downWatts = Math.max(downWatts, -change);
    upOverSeconds += change > limitWatts * (1 + 1e-9) ? 1 : 0;
    downOverSeconds += -change > limitWatts * (1 + 1e-9) ? 1 : 0;
  }
  return { upWatts, downWatts, upOverSeconds, downOverSeconds };
}
