import type { Measurement, SteerJob } from "./plan.ts";

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
const notTakenMs = 25_000;
/** Less than this of what it drew is a fall. */
export const keptShare = 0.97;
/** A period in which its cap changed may be half of another: who draws too much in the next one, too, draws so much. */
const risenMs = 20_000;
/** Nobody's draw is believed to be nothing. */
export const ratioMin = 0.05;

export interface Departing {
  readonly measuredWatts: number;
  /** What it drew when it was last at its level, watts; undefined: it never was. */
  readonly levelWatts: number | undefined;
  /** Was its cap the same in all of the last period? */
  readonly isCapOld: boolean;
  readonly now: Departure;
}

/** What is measured of a job that did not run all of that time says nothing of its level. */
export function isFresh(
  { runsFromMs = -Infinity }: SteerJob,
  { fromMs }: Pick<Measurement, "fromMs">,
): boolean {
  return runsFromMs > fromMs;
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
