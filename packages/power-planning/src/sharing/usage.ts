import { decayedShare, decayedSumMs } from "./decay.ts";

/** What is held now. */
export interface Holding {
  readonly gpuCount: number;
  /** Reserved for them under the caps in force, whether drawn or not: this is charged. */
  readonly reservedWatts: number;
  /** Reserved at their starts, whatever caps did since: this decides who may ask whom to stop. */
  readonly admittedWatts: number;
}

/** What was used up to a moment, older use counting less. */
export interface Usage {
  readonly atMs: number;
  /** GPU × ms, decayed. */
  readonly gpuTimeMs: number;
  /** Reserved W × ms, decayed: over-asking costs. */
  readonly reservedMilliJoules: number;
}

export const noUsage: Usage = { atMs: 0, gpuTimeMs: 0, reservedMilliJoules: 0 };

export const noHolding: Holding = { gpuCount: 0, reservedWatts: 0, admittedWatts: 0 };

export function addHolding(a: Holding, b: Holding): Holding {
  return {
    gpuCount: a.gpuCount + b.gpuCount,
    reservedWatts: a.reservedWatts + b.reservedWatts,
    admittedWatts: a.admittedWatts + b.admittedWatts,
  };
}

/** What is left of `a` without `b`. */
export function lessHolding(a: Holding, b: Holding): Holding {
  return {
    gpuCount: a.gpuCount - b.gpuCount,
    reservedWatts: a.reservedWatts - b.reservedWatts,
    admittedWatts: a.admittedWatts - b.admittedWatts,
  };
}

/** Usage at a later moment, when so much was held from `usage.atMs` on. */
export function usageAt(usage: Usage, held: Holding, nowMs: number, halfLifeMs: number): Usage {
  const elapsedMs = nowMs - usage.atMs;
  if (elapsedMs <= 0) {
    return usage;
  }
  const left = decayedShare(elapsedMs, halfLifeMs);
  const sumMs = decayedSumMs(left, halfLifeMs);
  return {
    atMs: nowMs,
    gpuTimeMs: usage.gpuTimeMs * left + held.gpuCount * sumMs,
    reservedMilliJoules: usage.reservedMilliJoules * left + held.reservedWatts * sumMs,
  };
}

/** Everything that is shared out. */
export interface Capacity {
  readonly gpuCount: number;
  readonly watts: number;
}

/**
 * What an account has cost the others, for comparison with its siblings: the larger of its parts of
 * all GPUs and of all watts, in ms of the whole, divided by its weight. What it holds counts as
 * used for `aheadMs` more, so that a burst of starts is seen before time has passed.
 */
export function costMs(
  usage: Usage,
  held: Holding,
  whole: Capacity,
  { weight, aheadMs }: { readonly weight: number; readonly aheadMs: number },
): number {
  const gpus = (usage.gpuTimeMs + held.gpuCount * aheadMs) / Math.max(1, whole.gpuCount);
  const energy =
    (usage.reservedMilliJoules + held.reservedWatts * aheadMs) / Math.max(1, whole.watts);
  return Math.max(gpus, energy) / weight;
}
