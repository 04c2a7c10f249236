/**
 * How fast the mean draw of a domain may change: means over a window, `perMs` apart, differ by at
 * most `watts`, up or down. "0.72 MW a minute on means over a minute" is 720,000 W, 60,000, 60,000.
 */
export interface RampLimit {
  readonly watts: number;
  /** What the watts are counted per: 60,000 for watts a minute, 1,000 for watts a second. */
  readonly perMs: number;
  /** Over how long the draw is averaged before means are compared. */
  readonly windowMs: number;
}

/**
 * The part of a step made at 0 that stands in (mean at `sinceMs`) − (mean `perMs` before): rises
 * while the step enters the newer mean, falls while it enters the older one.
 */
function partOfStep({ perMs, windowMs }: RampLimit, sinceMs: number): number {
  return clamp(sinceMs / windowMs) - clamp((sinceMs - perMs) / windowMs);
}

/** The largest `partOfStep` that a step can have which settles within `settleMs`, in any manner. */
export function partAtMost(limit: RampLimit, sinceMs: number, settleMs: number): number {
  const { from, until } = plateau(limit);
  if (sinceMs <= from) {
    return partOfStep(limit, sinceMs);
  }
  return partOfStep(limit, Math.max(Math.min(sinceMs, until), sinceMs - settleMs));
}

/** The smallest one: the part has one hill only, so it lies at one end of the settling. */
export function partAtLeast(limit: RampLimit, sinceMs: number, settleMs: number): number {
  return Math.min(partOfStep(limit, sinceMs), partOfStep(limit, sinceMs - settleMs));
}

/** Where these parts bend, in ms after the step: between two such moments they are straight lines. */
export function bendsMs(limit: RampLimit, settleMs: number): readonly number[] {
  const { from, until } = plateau(limit);
  const end = limit.perMs + limit.windowMs;
  const bends = [0, from, until, end];
  return settleMs === 0
    ? bends
    : [...bends, ...bends.map((bend) => bend + settleMs), (end + settleMs) / 2];
}

/** For how long a step counts that settles at once. */
export function memoryMs({ perMs, windowMs }: RampLimit): number {
  return perMs + windowMs;
}

/** The largest step that a quiet domain may make at once. */
export function stepWattsMax(limit: RampLimit): number {
  return limit.watts / partOfStep(limit, plateau(limit).from);
}

function plateau({ perMs, windowMs }: RampLimit): {
  readonly from: number;
  readonly until: number;
} {
  return { from: Math.min(perMs, windowMs), until: Math.max(perMs, windowMs) };
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}
