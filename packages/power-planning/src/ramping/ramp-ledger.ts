import {
  bendsMs,
  memoryMs,
  partAtLeast,
  partAtMost,
  type RampLimit,
  stepWattsMax,
} from "./ramp-limit.ts";

/** Planned changes keep the limit; unplanned ones (a crash) and emergencies are counted. */
export type ChangeCause = "planned" | "unplanned" | "emergency";

/** One change of what a domain draws. */
export interface RampStep {
  readonly atMs: number;
  /** Above 0: more. */
  readonly watts: number;
  readonly cause: ChangeCause;
}

/** What one domain did lately and will do as planned. Steps in rising order of their moments. */
export interface RampLedger {
  readonly limit: RampLimit;
  readonly steps: RampStep[];
}

/** How far a domain may step at a moment. */
export interface RampRoom {
  readonly upWatts: number;
  readonly downWatts: number;
}

export function createRampLedger(limit: RampLimit): RampLedger {
  return { limit, steps: [] };
}

/** Writes a change down; one that is planned for later, too. Changes of one moment and cause join. */
export function recordStep(ledger: RampLedger, step: RampStep): void {
  const { steps } = ledger;
  let at = steps.length;
  while (at > 0 && (steps[at - 1]?.atMs ?? 0) > step.atMs) {
    at -= 1;
  }
  const before = steps[at - 1];
  if (before !== undefined && before.atMs === step.atMs && before.cause === step.cause) {
    steps[at - 1] = { ...before, watts: before.watts + step.watts };
  } else {
    steps.splice(at, 0, step);
  }
}

/** Drops what no mean sees any more. */
export function forgetSteps(ledger: RampLedger, nowMs: number): void {
  const oldestMs = nowMs - memoryMs(ledger.limit);
  const kept = ledger.steps.findIndex((step) => step.atMs >= oldestMs);
  ledger.steps.splice(0, kept < 0 ? ledger.steps.length : kept);
}

/**
 * How far the domain may step at `atMs` without any mean of any later moment leaving the limit,
 * everything written down counted. Exact: sums of straight lines are largest where one bends.
 */
export function roomAt(ledger: RampLedger, atMs: number): RampRoom {
  const { limit } = ledger;
  let upWatts = Infinity;
  let downWatts = Infinity;
  for (const moment of momentsAfter(ledger, atMs)) {
    const part = partAtMost(limit, moment - atMs);
    const { highWatts, lowWatts } = changeAt(ledger, moment);
    if (part > 0) {
      upWatts = Math.min(upWatts, (limit.watts - highWatts) / part);
      downWatts = Math.min(downWatts, (limit.watts + lowWatts) / part);
    }
  }
  return { upWatts: Math.max(0, upWatts), downWatts: Math.max(0, downWatts) };
}

/**
 * The first moment from `fromMs` on, in steps of `resolutionMs`, at which a step of so many watts
 * (below 0: down) is allowed. Undefined: in no moment, for it is larger than any step may be.
 */
export function nextStepAtMs(
  ledger: RampLedger,
  watts: number,
  fromMs: number,
  resolutionMs: number = 1000,
): number | undefined {
  const last = ledger.steps.at(-1)?.atMs ?? fromMs;
  const quietFromMs = Math.max(fromMs, last + memoryMs(ledger.limit));
  for (let atMs = fromMs; atMs < quietFromMs; atMs += resolutionMs) {
    if (isRoomFor(roomAt(ledger, atMs), watts)) {
      return atMs;
    }
  }
  return Math.abs(watts) <= stepWattsMax(ledger.limit) ? quietFromMs : undefined;
}

/** Sums of the same numbers in another order may differ in their last digits. */
const rounding = 1 + 1e-9;

export function isRoomFor({ upWatts, downWatts }: RampRoom, watts: number): boolean {
  return watts >= 0 ? watts <= upWatts * rounding : -watts <= downWatts * rounding;
}

/** Bounds of (mean at `atMs`) − (mean `perMs` before), however late the steps settle. */
export function changeAt(
  { limit, steps }: { readonly limit: RampLimit; readonly steps: readonly RampStep[] },
  atMs: number,
): { readonly highWatts: number; readonly lowWatts: number } {
  let highWatts = 0;
  let lowWatts = 0;
  for (const step of steps) {
    const sinceMs = atMs - step.atMs;
    if (sinceMs <= 0) {
      break;
    }
    const most = step.watts * partAtMost(limit, sinceMs);
    const least = step.watts * partAtLeast(limit, sinceMs);
    highWatts += Math.max(most, least);
    lowWatts += Math.min(most, least);
  }
  return { highWatts, lowWatts };
}

/** Every moment after `afterMs` at which the change bends, a new step at `afterMs` included. */
function momentsAfter({ limit, steps }: RampLedger, afterMs: number): readonly number[] {
  const bends = bendsMs(limit);
  const untilMs = afterMs + memoryMs(limit);
  const moments = bends.map((bend) => afterMs + bend);
  for (const step of steps) {
    for (const bend of bends) {
      const moment = step.atMs + bend;
      if (moment > afterMs && moment < untilMs) {
        moments.push(moment);
      }
    }
  }
  return moments;
}
