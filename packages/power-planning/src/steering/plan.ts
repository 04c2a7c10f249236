import type { CapCurve } from "../curves/curve.ts";

/**
 * What a planned curtailment asks of one domain: a target on the mean draw of each minute. Minutes
 * are counted from the start of the event.
 */
export interface SteerTarget {
  readonly startMs: number;
  /** May the last step before the start ask for caps that fall with it? Absent: the first step in it does. */
  readonly isAskedAhead?: boolean;
  readonly endMs: number;
  /** From the start until the target holds; the goal falls in a straight line from `fromWatts`. */
  readonly rampMs: number;
  readonly fromWatts: number;
  readonly targetWatts: number;
}

/**
 * `running`: it draws, or only dips (checkpoint, outage): its watts are its own.
 * `paused`: stopped by us; its watts stay reserved for its return.
 * `released`: paused, and its watts may be used by others; it must be granted again before it returns.
 * `returning`: released before and wants back; it stays off until a step names it in `granted`.
 */
export type Presence = "running" | "paused" | "released" | "returning";

export interface SteerJob {
  readonly id: number;
  readonly gpuCount: number;
  /** What the whole job at full speed is worth beside others: a priority's worth times its GPUs, or a contract's. */
  readonly weight: number;
  readonly curve: CapCurve;
  readonly floorCapWatts: number;
  /** The highest cap its breakers leave it: steering never goes above, whatever is measured. */
  readonly ceilingCapWatts: number;
  /** Cap in force on every GPU: the last one acknowledged, or the higher one while a lowering is open. */
  readonly capInForceWatts: number;
  /** The cap that was sent to it last; absent: the one that was asked for. A ramp may let less fall at a time. */
  readonly sentCapWatts?: number;
  readonly presence: Presence;
  /** When it began to run; Infinity: it is starting; absent: long ago. */
  readonly runsFromMs?: number;
  /** What a job that returns will draw in the domain beside what its caps hold, watts. */
  readonly besideWatts?: number;
  /** Nodes are woken for its return, and draw whatever its caps are: it needs room that lasts. */
  readonly isWoken?: boolean;
  /** Growth of the domain's draw for one more watt drawn by one GPU: losses and cooling on the way; 1 = none. */
  readonly domainWattsPerWatt: number;
  /** The most that one of its GPUs was seen to draw before, held back by no cap, watts; absent: that is not known. */
  readonly seenMostWatts?: number;
}

/** What was measured since the last call. */
export interface Measurement {
  readonly fromMs: number;
  readonly atMs: number;
  /** Mean draw in the domain of each job over the time since, watts. A job that is missing is stale. */
  readonly jobWatts: ReadonlyMap<number, number>;
  /** Mean draw of all that is not steered here (idle nodes, fixed loads); undefined = stale. */
  readonly restWatts: number | undefined;
  /** What the rest can draw at most; counted while it is stale. */
  readonly restBoundWatts: number;
  /** What the rest could draw at most now, by its bounds; undefined: that is not known. */
  readonly restMostWatts?: number;
  /** What the rest will draw soon on top of what was measured: of jobs that have just started, and nodes that have just come back. */
  readonly restComingWatts?: number;
  /** What those drew who are gone since the last call, and are part of these means still; absent: nobody is. */
  readonly goneWatts?: number;
  /** How much of it counted as the rest before. */
  readonly restGoneWatts?: number;
  /** What is to be left free for starts that are promised for soon, on top of all that. */
  readonly promisedWatts?: number;
}

/** How careful the steering is. All shares are parts of 1. */
export interface SteerSettings {
  /** The window that the target binds. */
  readonly windowMs: number;
  /** Time between measurements, and so the last part of a window that nothing can correct any more. */
  readonly periodMs: number;
  /** How many standard errors the margin covers: 4 leave one window in 31,600 (normal distribution). */
  readonly deviationCount: number;
  /** Noise of one period's total that is believed before anything was measured, and the weight of that belief in periods. */
  readonly priorNoiseShare: number;
  readonly priorPeriodCount: number;
  /** Spread of the ratio of measured draw to curve, before anything was measured: of all jobs together, and of one job. */
  readonly priorCommonShare: number;
  readonly priorOwnShare: number;
  /** How far those ratios wander in one period (one standard deviation). */
  readonly commonWanderShare: number;
  readonly ownWanderShare: number;
  /** A job beside its expectation by more than this, or by six deviations if that is more, has dipped or risen. */
  readonly dipShare: number;
  /**
   * Caps stay while what is expected lies within this part of the room around it; in the last period of
   * a window only below it, since nothing after it could make up for too much.
   */
  readonly toleranceShare: number;
  /** Of what a window has left over, at most this part of the goal is drawn above it at a time. */
  readonly giveBackShare: number;
  /** A job not measured for longer counts at its bound. */
  readonly staleAfterMs: number;
  /** Time between two plans that may lower one job to raise another. */
  readonly replanMs: number;
  /** And the part of the weighted throughput that such a plan must gain. */
  readonly replanGainShare: number;
}

export const defaultSteerSettings: SteerSettings = {
  windowMs: 60_000,
  periodMs: 10_000,
  deviationCount: 4,
  priorNoiseShare: 0.01,
  priorPeriodCount: 12,
  priorCommonShare: 0.02,
  priorOwnShare: 0.02,
  commonWanderShare: 0.0005,
  ownWanderShare: 0.0002,
  dipShare: 0.06,
  toleranceShare: 0.002,
  giveBackShare: 0.05,
  staleAfterMs: 25_000,
  replanMs: 600_000,
  replanGainShare: 0.001,
};

/** The goal at a time: the ramp's straight line, then the target; undefined outside the event. */
export function goalAt(target: SteerTarget, atMs: number): number | undefined {
  if (atMs < target.startMs || atMs >= target.endMs) {
    return undefined;
  }
  const intoMs = atMs - target.startMs;
  if (intoMs >= target.rampMs) {
    return target.targetWatts;
  }
  const share = intoMs / target.rampMs;
  return Math.max(
    target.targetWatts,
    target.fromWatts + share * (target.targetWatts - target.fromWatts),
  );
}
