const minuteMs = 60_000;
/** Most jobs that write checkpoints or wait for data do so for less: what they need then is still known. */
const minutesKept = 20;
/** A GPU that is held back by its cap draws 3 to 5 % less than it on A100; nearer than this nobody can tell. */
const heldBackShare = 0.1;
/** On the highest mean of a measurement: within it more may be drawn, and a GPU at its need is not held back. */
const marginShare = 0.15;
const needStepWatts = 10;

/** What the GPUs of one gang were seen to draw under its cap. */
export interface GangSeen {
  /** Highest reading of each minute, the newest last, watts; Infinity: its cap may have held it back. */
  readonly minuteWatts: readonly number[];
  /** Of the newest. */
  readonly minute: number;
  readonly seenAtMs: number;
}

/** One reading of the GPU of a gang that draws most, watts, and the cap that is in force on it. */
export interface GpuReading {
  readonly atMs: number;
  readonly watts: number;
  readonly capWatts: number;
}

/** After a silence of some minutes it is learned anew. */
export function seeGang(before: GangSeen | undefined, reading: GpuReading): GangSeen {
  const minute = Math.floor(reading.atMs / minuteMs);
  const isHeldBack = reading.watts >= reading.capWatts * (1 - heldBackShare);
  const watts = isHeldBack ? Infinity : reading.watts;
  const isNext = before !== undefined && minute - before.minute <= 1;
  const known = isNext ? before.minuteWatts : [];
  const minuteWatts =
    isNext && before.minute === minute
      ? [...known.slice(0, -1), Math.max(known.at(-1) ?? 0, watts)]
      : [...known, watts].slice(-minutesKept);
  return { minuteWatts, minute, seenAtMs: reading.atMs };
}

/**
 * A cap that does not hold the gang back: its highest reading of twenty minutes and a margin, in whole steps
 * of ten watts. Nodes of a gang rise and fall together, so one GPU, that which draws most, stands for all.
 *
 * @returns 0 when it was watched for less long or may have been held back: then it needs what it may have
 */
export function neededCapWatts({ minuteWatts }: GangSeen): number {
  const most = Math.max(...minuteWatts);
  return minuteWatts.length < minutesKept || most === Infinity
    ? 0
    : Math.ceil((most * (1 + marginShare)) / needStepWatts) * needStepWatts;
}

/** The highest reading that such a need was learned from, or a little more. */
export function seenMostWatts(neededWatts: number): number {
  return neededWatts / (1 + marginShare);
}
