import { profileOf } from "./change-profile.ts";
import type { RampLedger, RampStep } from "./ramp-ledger.ts";
import { partAtMost } from "./ramp-limit.ts";

/** What came to a domain that no plan made, since it has a ramp: counted, not promised. */
export interface RampTally {
  /** Changes that came when they came, and their watts both ways. */
  unplannedCount: number;
  unplannedWatts: number;
  /** Those that made the mean leave the limit. */
  unplannedOverCount: number;
  lastUnplannedAtMs: number;
  /** Steps that an emergency asked for. */
  emergencyCount: number;
  emergencyWatts: number;
}

export function createRampTally(): RampTally {
  return {
    unplannedCount: 0,
    unplannedWatts: 0,
    unplannedOverCount: 0,
    lastUnplannedAtMs: 0,
    emergencyCount: 0,
    emergencyWatts: 0,
  };
}

/** Counts a step that has just been written into the ledger. */
export function tallyStep(tally: RampTally, ledger: RampLedger, step: RampStep): void {
  if (step.cause === "emergency") {
    tally.emergencyCount += 1;
    tally.emergencyWatts += Math.abs(step.watts);
  }
  if (step.cause === "unplanned") {
    tally.unplannedCount += 1;
    tally.unplannedWatts += Math.abs(step.watts);
    tally.lastUnplannedAtMs = step.atMs;
    tally.unplannedOverCount += mayPass(ledger, step) && passesLimit(ledger, step) ? 1 : 0;
  }
}

/** Most are small beside the limit, and told apart without a look at every moment. */
function mayPass({ limit, steps }: RampLedger, { watts }: RampStep): boolean {
  const sameWay = steps.reduce((sum, step) => sum + Math.max(0, step.watts * Math.sign(watts)), 0);
  return sameWay > limit.watts;
}

/** Does the last of these steps, with the others, pass the limit in its own direction? */
export function passesLimit(ledger: Pick<RampLedger, "limit" | "steps">, last: RampStep): boolean {
  const { limit } = ledger;
  const { momentsMs, highWatts, lowWatts } = profileOf(ledger);
  return momentsMs.some((moment, at) => {
    const watts = last.watts > 0 ? highWatts[at] : -(lowWatts[at] ?? 0);
    const isSeen = partAtMost(limit, moment - last.atMs, last.settleMs) > 0;
    return isSeen && (watts ?? 0) > limit.watts * (1 + 1e-9);
  });
}
