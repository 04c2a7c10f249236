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
  if (minuteWatts.length < minutesMin) {
    const bias = together([commonBiasShare * all, ownBiasShare * pooled]);
    const isSeen = minuteWatts.length > 0;
    return highest(
      {
        now: isSeen ? Math.max(...minuteWatts) : countedWatts,
        top: minuteTimes * minuteShare * pooled,
      },
      { perMinute: 0, errorPerMinute: driftShare * pooled, bias: isSeen ? 0 : bias },
      aheadMinutes,
    );
  }
  const line = lineThrough(minuteWatts);
  const seen = noiseAround(line, minuteWatts);
  const usual = minuteShare * pooled;
  const half = Math.floor(minuteWatts.length / 2);
  const noise = believedNoise(usual, seen.deviation, seen.count);
  const halvesApart = minuteWatts.length - half;
  const error =
    (medianError * noise * Math.SQRT2) / Math.sqrt(Math.max(1, seen.count / 2)) / halvesApart;
  const trend = believedTrend(driftShare * pooled, { perMinute: line.perMinute, error });
  return highest(
    {
      now: line.late + (trend.perMinute * half) / 2,
      top: believedNoise(minuteTimes * usual, seen.top, seen.count),
    },
    { ...trend, bias: 0 },
    aheadMinutes,
  );
}

interface Line {
  /** Of the newer half, in its middle. */
  readonly late: number;
  readonly perMinute: number;
}

function lineThrough(minuteWatts: readonly number[]): Line {
  const half = Math.floor(minuteWatts.length / 2);
  const late = median(minuteWatts.slice(-half));
  const early = median(minuteWatts.slice(0, half));
  return { late, perMinute: (late - early) / (minuteWatts.length - half) };
}

interface SeenNoise {
  readonly deviation: number;
  /** So far the highest minute is expected above the line: the fewer were seen the further above the highest of those. */
  readonly top: number;
  /** Of so many independent minutes it is known: what lasts for minutes tells less. */
  readonly count: number;
}

function noiseAround({ late, perMinute }: Line, minuteWatts: readonly number[]): SeenNoise {
  const { length } = minuteWatts;
  const middle = length - (Math.floor(length / 2) + 1) / 2;
  const beside = minuteWatts.map((one, at) => one - late - perMinute * (at - middle));
  const deviation = deviationOfMedian * median(beside.map(Math.abs));
  const squares = beside.reduce((sum, one) => sum + one ** 2, 0);
  const steps = beside.slice(1).reduce((sum, one, at) => sum + (one - (beside[at] ?? 0)) ** 2, 0);
  // Of independent minutes the squares of steps are twice as large.
  const count = squares === 0 ? length : Math.min(length, (length * steps) / (2 * squares));
  const highestBeside = Math.max(0, ...beside) * (1 + usualMinutes / Math.max(1, count));
  return { deviation, top: Math.min(minuteTimes * deviation, highestBeside), count };
}

function believedNoise(usual: number, seen: number, count: number): number {
  return Math.sqrt((usualMinutes * usual ** 2 + count * seen ** 2) / (usualMinutes + count));
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
  { now, top }: { readonly now: number; readonly top: number },
  { perMinute, errorPerMinute, bias }: Trend & { readonly bias: number },
  aheadMinutes: number,
): number {
  const level = levelTimes * together([bias, errorPerMinute * aheadMinutes]);
  return now + Math.max(0, perMinute) * aheadMinutes + together([level, top]);
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
