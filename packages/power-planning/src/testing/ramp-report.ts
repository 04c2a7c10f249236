import type { RampStep } from "../ramping/ramp-ledger.ts";
import { memoryMs, partAtLeast, partAtMost, type RampLimit } from "../ramping/ramp-limit.ts";
import { passesLimit } from "../ramping/ramp-tally.ts";

/** How the change of the mean draw behaved over a time; counted whole, whoever caused it. */
export interface RampReport {
  readonly steepestUpWatts: number;
  readonly steepestDownWatts: number;
  /** Seconds in which the limit was passed, up or down. */
  readonly overSecondCount: number;
  /** Planned steps that passed the limit with what was known when they were made: 0 is promised. */
  readonly plannedOverCount: number;
  /** Unplanned and emergency steps, and their watts both ways. */
  readonly unplannedCount: number;
  readonly unplannedWatts: number;
  readonly emergencyCount: number;
  readonly emergencyWatts: number;
}

/**
 * Looks back at a whole history of steps, second by second, by the definition and not by the room
 * that was given, each step as made at once: (mean of the last window) − (the same, `perMs` earlier).
 */
export function reportRamp(limit: RampLimit, steps: readonly RampStep[]): RampReport {
  const sorted = steps
    .map((step) => ({ ...step, settleMs: 0 }))
    .toSorted((a, b) => a.atMs - b.atMs);
  const first = sorted[0]?.atMs ?? 0;
  const end = (sorted.at(-1)?.atMs ?? first) + memoryMs(limit);
  let steepestUpWatts = 0;
  let steepestDownWatts = 0;
  let overSecondCount = 0;
  let oldest = 0;
  for (let atMs = first; atMs <= end; atMs += 1000) {
    while ((sorted[oldest]?.atMs ?? Infinity) < atMs - memoryMs(limit)) {
      oldest += 1;
    }
    const seen = stepsUpTo(sorted, oldest, atMs);
    if (seen.length === 0) {
      continue;
    }
    const watts = changeAt({ limit, steps: seen }, atMs).highWatts;
    steepestUpWatts = Math.max(steepestUpWatts, watts);
    steepestDownWatts = Math.max(steepestDownWatts, -watts);
    if (Math.abs(watts) > limit.watts * (1 + 1e-9)) {
      overSecondCount += 1;
    }
  }
  const of = (cause: RampStep["cause"]): readonly RampStep[] =>
    sorted.filter((step) => step.cause === cause);
  return {
    steepestUpWatts,
    steepestDownWatts,
    overSecondCount,
    plannedOverCount: countPlannedOver(limit, sorted),
    unplannedCount: of("unplanned").length,
    unplannedWatts: sumWatts(of("unplanned")),
    emergencyCount: of("emergency").length,
    emergencyWatts: sumWatts(of("emergency")),
  };
}

function countPlannedOver(limit: RampLimit, sorted: readonly RampStep[]): number {
  let count = 0;
  let oldest = 0;
  for (const [at, step] of sorted.entries()) {
    while ((sorted[oldest]?.atMs ?? Infinity) < step.atMs - memoryMs(limit)) {
      oldest += 1;
    }
    const ledger = { limit, steps: sorted.slice(oldest, at + 1) };
    if (step.cause === "planned" && passesLimit(ledger, step)) {
      count += 1;
    }
  }
  return count;
}

function stepsUpTo(steps: readonly RampStep[], from: number, atMs: number): readonly RampStep[] {
  let until = from;
  while ((steps[until]?.atMs ?? Infinity) <= atMs) {
    until += 1;
  }
  return steps.slice(from, until);
}

function sumWatts(steps: readonly RampStep[]): number {
  return steps.reduce((sum, step) => sum + Math.abs(step.watts), 0);
}

/** By the definition: bounds of (mean at `atMs`) − (mean `perMs` before), however late the steps settle. */
function changeAt(
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
