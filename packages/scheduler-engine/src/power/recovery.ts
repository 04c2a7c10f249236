import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../words/curtailment.ts";

/** After its end a curtailment lets go in so many equal steps, spread over its ramp. */
const recoverySteps = 10;

/** From the start until all watts are given back. */
export function isFelt(curtailment: Curtailment, atMs: number): boolean {
  return toNumber(curtailment.start) <= atMs && atMs < recoveredAtMs(curtailment);
}

export function recoveredAtMs({ end, ramp }: Curtailment): number {
  return toNumber(end) + toNumber(ramp);
}

/**
 * What a domain may carry: the target, and after the end a tenth of the way back with every tenth of the
 * ramp, so that what was shed does not come back all at once.
 */
export function ceilingWatts(curtailment: Curtailment, usableWatts: number, atMs: number): number {
  const targetWatts = toNumber(curtailment.target);
  const sinceEndMs = atMs - toNumber(curtailment.end);
  const rampMs = toNumber(curtailment.ramp);
  if (sinceEndMs < 0 || rampMs === 0) {
    return targetWatts;
  }
  const step = Math.floor((sinceEndMs * recoverySteps) / rampMs) + 1;
  const before = Math.max(targetWatts, toNumber(curtailment.baseline));
  const top = before > targetWatts ? Math.min(before, usableWatts) : usableWatts;
  const share = Math.min(1, step / recoverySteps);
  return Math.max(targetWatts, Math.floor(targetWatts + share * (top - targetWatts)));
}

/** The moments at which a curtailment changes a ceiling. */
export function changesOf(curtailment: Curtailment): readonly number[] {
  const endMs = toNumber(curtailment.end);
  const rampMs = toNumber(curtailment.ramp);
  const moments = [toNumber(curtailment.start), endMs];
  if (rampMs > 0) {
    for (let step = 1; step <= recoverySteps; step += 1) {
      moments.push(endMs + Math.ceil((step * rampMs) / recoverySteps));
    }
  }
  return moments;
}
