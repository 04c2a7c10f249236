import { drawAt } from "../curves/read-curve.ts";
import { startLevel, type Level } from "./estimate.ts";
import type { SteerJob, SteerSettings } from "./plan.ts";

/** A draw that lies beside what is expected by more than noise, for now or for good. */
export interface Departure {
  readonly way: "low" | "high";
  /** When its first period began. */
  readonly fromMs: number;
  /** Measured ÷ curve: the highest so far where it is low, since that much comes back; else the last. */
  readonly ratio: number;
}

/** Most checkpoints and outages are over sooner: who draws less for longer draws so much. */
const dipMostMs = 1_200_000;
/** The same of a job that was never seen at a level: its curve alone says that it draws too little. */
const dipUnknownMs = 480_000;
/** A raise that was not taken is no dip: the draw did not fall. */
const notTakenMs = 60_000;
/** Less than this of what it drew is a fall. */
const keptShare = 0.97;
/** A period in which its cap changed may be half of another: who draws too much in the next one, too, draws so much. */
const risenMs = 20_000;
/** Nobody's draw is believed to be nothing. */
const ratioMin = 0.05;

export interface Departing {
  readonly measuredWatts: number;
  /** What it drew when it was last at its level, watts; undefined: it never was. */
  readonly levelWatts: number | undefined;
  /** Was its cap the same in all of the last period? */
  readonly isCapOld: boolean;
  readonly now: Departure;
}

export function hasDipped(known: { readonly departure?: Departure } | undefined): boolean {
  return known?.departure?.way === "low";
}

/** Goes on with a departure, or begins one. */
export function depart(before: Departure | undefined, now: Departure): Departure {
  if (before?.way !== now.way) {
    return now;
  }
  const ratio = now.way === "low" ? Math.max(before.ratio, now.ratio) : now.ratio;
  return { ...now, fromMs: before.fromMs, ratio };
}

/** Has a departure lasted for so long that it is the job's level from now on? */
export function isNewLevel(
  { now, measuredWatts, levelWatts, isCapOld }: Departing,
  atMs: number,
): boolean {
  const lastedMs = atMs - now.fromMs;
  if (now.way === "high") {
    return isCapOld || lastedMs >= risenMs;
  }
  if (levelWatts === undefined) {
    return lastedMs >= dipUnknownMs;
  }
  return lastedMs >= (measuredWatts >= keptShare * levelWatts ? notTakenMs : dipMostMs);
}

/** The level of a job that draws so much of its curve, beside what all have in common. */
export function newLevel(ratio: number, commonRatio: number, settings: SteerSettings): Level {
  return { ...startLevel(settings.priorOwnShare), ratio: Math.max(ratioMin, ratio) / commonRatio };
}

/** What is believed of a job before it is measured: its curve, or the most that it was seen to draw where that is less. */
export function firstLevel(job: SteerJob, commonRatio: number, settings: SteerSettings): Level {
  const lowest = job.curve.points[0]?.capWatts ?? 0;
  const drawWatts = drawAt(job.curve, Math.max(job.capInForceWatts, lowest)) * commonRatio;
  const ratio = Math.min(1, Math.max(ratioMin, (job.seenMostWatts ?? Infinity) / drawWatts));
  return { ...startLevel(settings.priorOwnShare), ratio };
}
