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
  /**
   * By when after its moment the change is surely done, 0: at once. However it goes in between, as
   * long as it never turns back, the limit holds.
   */
  readonly settleMs: number;
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

/** Writes a change down; one that is planned for later, too. Changes that differ in watts only join. */
export function recordStep(ledger: RampLedger, step: RampStep): void {
  const { steps } = ledger;
  let at = steps.length;
  while (at > 0 && (steps[at - 1]?.atMs ?? 0) > step.atMs) {
    at -= 1;
  }
  const before = steps[at - 1];
  if (before !== undefined && isAlike(before, step)) {
    steps[at - 1] = { ...before, watts: before.watts + step.watts };
  } else {
    steps.splice(at, 0, step);
  }
}

function isAlike(a: RampStep, b: RampStep): boolean {
  return a.atMs === b.atMs && a.cause === b.cause && a.settleMs === b.settleMs;
}

/** Drops what no mean sees any more. */
export function forgetSteps(ledger: RampLedger, nowMs: number): void {
  const { limit, steps } = ledger;
  const kept = steps.findIndex((step) => countsUntilMs(limit, step) >= nowMs);
  steps.splice(0, kept < 0 ? steps.length : kept);
}

/**
 * How far the domain may step at `atMs` without any mean of any later moment leaving the limit,
 * everything written down counted. Exact: sums of straight lines are largest where one bends.
 *
 * @param settleMs by when the new step is surely done
 */
export function roomAt(ledger: RampLedger, atMs: number, settleMs: number = 0): RampRoom {
  const { limit } = ledger;
  let upWatts = Infinity;
  let downWatts = Infinity;
  for (const moment of momentsAfter(ledger, atMs, settleMs)) {
    const part = partAtMost(limit, moment - atMs, settleMs);
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
  { watts, settleMs }: Pick<RampStep, "watts" | "settleMs">,
  fromMs: number,
  resolutionMs: number = 1000,
): number | undefined {
  const quietFromMs = ledger.steps.reduce(
    (latest, step) => Math.max(latest, countsUntilMs(ledger.limit, step)),
    fromMs,
  );
  for (let atMs = fromMs; atMs < quietFromMs; atMs += resolutionMs) {
    if (isRoomFor(roomAt(ledger, atMs, settleMs), watts)) {
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
    const most = step.watts * partAtMost(limit, sinceMs, step.settleMs);
    const least = step.watts * partAtLeast(limit, sinceMs, step.settleMs);
    highWatts += Math.max(most, least);
    lowWatts += Math.min(most, least);
  }
  return { highWatts, lowWatts };
}

/** Every moment after `afterMs` at which the change bends, a new step at `afterMs` included. */
function momentsAfter(
  { limit, steps }: RampLedger,
  afterMs: number,
  settleMs: number,
): readonly number[] {
  const untilMs = afterMs + memoryMs(limit) + settleMs;
  const moments = bendsMs(limit, settleMs).map((bend) => afterMs + bend);
  for (const step of steps) {
    for (const bend of bendsMs(limit, step.settleMs)) {
      const moment = step.atMs + bend;
      if (moment > afterMs && moment < untilMs) {
        moments.push(moment);
      }
    }
  }
  return moments;
}

function countsUntilMs(limit: RampLimit, step: RampStep): number {
  return step.atMs + step.settleMs + memoryMs(limit);
}
