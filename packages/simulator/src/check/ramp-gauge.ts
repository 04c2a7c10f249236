/** A change of the watts of a domain; above 0: more. */
export interface Step {
  readonly atMs: number;
  readonly watts: number;
  /** Nobody planned it. */
  readonly isSurprise?: boolean;
}

/** Means over a window may differ by so many watts from those so long before; Infinity: by any. */
export interface RampRule {
  readonly limitWatts: number;
  readonly perMs: number;
  readonly windowMs: number;
}

/** The steepest changes over a stretch of time, in watts, and how long they were above the limit. */
export interface Steepness {
  readonly upWatts: number;
  readonly downWatts: number;
  readonly overMs: number;
}

/**
 * How fast a mean changes: (mean of the last window) − (the same, `perMs` before). Exact: between the
 * moments at which a step enters or leaves one of the two means, the change is a straight line.
 */
export class RampGauge {
  readonly rule: RampRule;
  readonly #steps: Step[] = [];
  #atMs = 0;
  #watts = 0;

  constructor(rule: RampRule) {
    this.rule = rule;
  }

  /** Those that a mean still sees. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** What was there before the first step was there for ever. */
  step(step: Step): void {
    const oldestMs = step.atMs - this.rule.windowMs - this.rule.perMs;
    const oldest = this.#steps.findIndex(({ atMs }) => atMs > oldestMs);
    this.#steps.splice(0, oldest === -1 ? this.#steps.length : oldest);
    this.#steps.push(step);
  }

  /** Lets time pass, with everything that stepped until now known. */
  passTo(atMs: number): Steepness {
    let [fromMs, from] = [this.#atMs, this.#watts];
    let [upWatts, downWatts, overMs] = [Math.max(0, from), Math.max(0, -from), 0];
    for (const moment of [...this.#bends(fromMs, atMs), atMs]) {
      const to = changeAt(this.#steps, this.rule, moment);
      overMs += overPart(from, to, this.rule.limitWatts) * (moment - fromMs);
      upWatts = Math.max(upWatts, to);
      downWatts = Math.max(downWatts, -to);
      [fromMs, from] = [moment, to];
    }
    [this.#atMs, this.#watts] = [atMs, from];
    return { upWatts, downWatts, overMs };
  }

  /** Moments between two others at which the change bends, in rising order. */
  #bends(afterMs: number, untilMs: number): readonly number[] {
    const found = new Set<number>();
    for (const { atMs } of this.#steps) {
      for (const bend of bendsOf(this.rule)) {
        if (atMs + bend > afterMs && atMs + bend < untilMs) {
          found.add(atMs + bend);
        }
      }
    }
    return [...found].toSorted((a, b) => a - b);
  }
}

/** The largest change that steps make at a moment at which one of `lastAtMs` counts. */
export function steepestAfter(
  steps: readonly Step[],
  rule: RampRule,
  lastAtMs: number,
): { readonly upWatts: number; readonly downWatts: number } {
  let [upWatts, downWatts] = [0, 0];
  for (const { atMs } of steps) {
    for (const bend of bendsOf(rule)) {
      if (partOf(rule, atMs + bend - lastAtMs) > 0) {
        const change = changeAt(steps, rule, atMs + bend);
        upWatts = Math.max(upWatts, change);
        downWatts = Math.max(downWatts, -change);
      }
    }
  }
  return { upWatts, downWatts };
}

/** What a domain that was quiet may add at once. */
export function largestStepWatts(rule: RampRule): number {
  return rule.limitWatts / partOf(rule, Math.min(rule.windowMs, rule.perMs));
}

function bendsOf({ perMs, windowMs }: RampRule): readonly number[] {
  return [0, windowMs, perMs, windowMs + perMs];
}

function changeAt(steps: readonly Step[], rule: RampRule, atMs: number): number {
  return steps.reduce((sum, step) => sum + step.watts * partOf(rule, atMs - step.atMs), 0);
}

/** Of a step this long ago, what stands in the newer mean and not in the older one. */
function partOf({ perMs, windowMs }: RampRule, sinceMs: number): number {
  const inMean = (ms: number): number => Math.max(0, Math.min(1, ms / windowMs));
  return inMean(sinceMs) - inMean(sinceMs - perMs);
}

/** The part of a straight line from one change to another that is steeper than a limit, either way. */
function overPart(from: number, to: number, limit: number): number {
  return abovePart(from, to, limit) + abovePart(-from, -to, limit);
}

function abovePart(from: number, to: number, limit: number): number {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  if (high <= limit) {
    return 0;
  }
  return low >= limit ? 1 : (high - limit) / (high - low);
}
