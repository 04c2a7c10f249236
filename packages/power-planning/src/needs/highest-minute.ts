/** How far draw lies beside its curves where nothing was measured, of all jobs together and of one: as in the Phoenix trial. */
const commonBiasShare = 0.014;
const ownBiasShare = 0.015;
/** How far the draw of a job differs from minute to minute, and wanders in one, for the same. */
const minuteShare = 0.0035;
const driftShare = 0.0004;

/** Deviations that are expected of what is the same in every minute, and of what is another in each. */
const levelTimes = 2;
const minuteTimes = 3;

/** Fewer minutes tell of their level, but of no trend. */
const minutesMin = 6;
/** What is usual of minutes counts as so many that were measured: a few may lie together by chance. */
const usualMinutes = 6;
/** Of a normal distribution: its deviation in medians of absolute ones, and the error of a median beside that of a mean. */
const deviationOfMedian = 1.4826;
const medianError = 1.2533;

export interface FreeDraw {
  /** What each of the independent jobs is counted with, in one unit of watts. */
  readonly jobWatts: readonly number[];
  /** What all of them, and whatever else is there, are counted with. */
  readonly countedWatts: number;
  /** Mean draws of the minutes in which all ran as they do now, the newest last; none: that is not known. */
  readonly minuteWatts: readonly number[];
  /** For so long they are to go on so. */
  readonly aheadMinutes: number;
}

/**
 * The highest one-minute mean that is to be expected of draw that nobody steers: its level and its trend as they were
 * measured, or the spread of what curves say; what differs from minute to minute comes on top. Independent jobs differ
 * less together than each does. By medians, which a checkpoint's dip of minutes does not move.
 */
export function highestMinuteWatts(free: FreeDraw): number {
  const { jobWatts, countedWatts, minuteWatts, aheadMinutes } = free;
  const all = jobWatts.reduce((sum, one) => sum + one, 0);
  const pooled = together(jobWatts);
  const believed = { perMinute: 0, errorPerMinute: driftShare * pooled };
  if (minuteWatts.length < minutesMin) {
    const bias = together([commonBiasShare * all, ownBiasShare * pooled]);
    const isSeen = minuteWatts.length > 0;
    return highest(
      { now: isSeen ? Math.max(...minuteWatts) : countedWatts, noise: minuteShare * pooled },
      { ...believed, bias: isSeen ? 0 : bias },
      aheadMinutes,
    );
  }
  const half = Math.floor(minuteWatts.length / 2);
  const apart = minuteWatts.length - half;
  const late = median(minuteWatts.slice(-half));
  const perMinute = (late - median(minuteWatts.slice(0, half))) / apart;
  const steps = minuteWatts
    .slice(1)
    .map((one, at) => Math.abs(one - (minuteWatts[at] ?? one) - perMinute));
  const noise = Math.sqrt(
    (usualMinutes * (minuteShare * pooled) ** 2 +
      minuteWatts.length * ((deviationOfMedian * median(steps)) / Math.SQRT2) ** 2) /
      (usualMinutes + minuteWatts.length),
  );
  const error = (medianError * noise * Math.SQRT2) / Math.sqrt(half) / apart;
  const trend = believedTrend(believed.errorPerMinute, { perMinute, error });
  const now = late + (trend.perMinute * half) / 2;
  return highest({ now, noise }, { ...trend, bias: 0 }, aheadMinutes);
}

interface Trend {
  readonly perMinute: number;
  readonly errorPerMinute: number;
}

/** What was measured of it counts the more the less noise hides it beside what is usual. */
function believedTrend(
  usual: number,
  seen: { readonly perMinute: number; readonly error: number },
): Trend {
  const both = usual ** 2 + seen.error ** 2;
  const part = both === 0 ? 1 : usual ** 2 / both;
  return {
    perMinute: part * seen.perMinute,
    errorPerMinute: usual * Math.sqrt(Math.max(0, 1 - part)),
  };
}

function highest(
  { now, noise }: { readonly now: number; readonly noise: number },
  { perMinute, errorPerMinute, bias }: Trend & { readonly bias: number },
  aheadMinutes: number,
): number {
  const level = levelTimes * together([bias, errorPerMinute * aheadMinutes]);
  return now + Math.max(0, perMinute) * aheadMinutes + together([level, minuteTimes * noise]);
}

/** Of what is independent. */
function together(deviations: readonly number[]): number {
  return Math.sqrt(deviations.reduce((sum, one) => sum + one ** 2, 0));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
