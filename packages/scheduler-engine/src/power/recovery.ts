import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../words/curtailment.ts";

/** After its end a curtailment lets go in so many equal steps, spread over its ramp. */
const recoverySteps = 10;

/** Also one without a ramp, or a cancelled one: six seconds a step, so that nothing stampedes. */
const recoveryMsMin = 60_000;

function recoveryMs({ ramp }: Curtailment): number {
  return Math.max(recoveryMsMin, toNumber(ramp));
}

/** From the start until all watts are given back. */
export function isFelt(curtailment: Curtailment, atMs: number): boolean {
  return toNumber(curtailment.start) <= atMs && atMs < recoveredAtMs(curtailment);
}

export function recoveredAtMs(curtailment: Curtailment): number {
  return toNumber(curtailment.end) + recoveryMs(curtailment);
}

/**
 * What a domain may carry: the target, and after the end a tenth of the way back with every tenth of the
 * ramp (or of a minute, if that is longer), so that what was shed does not come back all at once.
 */
export function ceilingWatts(curtailment: Curtailment, usableWatts: number, atMs: number): number {
  const targetWatts = toNumber(curtailment.target);
  const sinceEndMs = atMs - toNumber(curtailment.end);
  if (sinceEndMs < 0) {
    return targetWatts;
  }
  const step = Math.floor((sinceEndMs * recoverySteps) / recoveryMs(curtailment)) + 1;
  const before = Math.max(targetWatts, toNumber(curtailment.baseline));
  const top = before > targetWatts ? Math.min(before, usableWatts) : usableWatts;
  const share = Math.min(1, step / recoverySteps);
  return Math.max(targetWatts, Math.floor(targetWatts + share * (top - targetWatts)));
}

/** The moments at which a curtailment changes a ceiling. */
export function changesOf(curtailment: Curtailment): readonly number[] {
  const endMs = toNumber(curtailment.end);
  const moments = [toNumber(curtailment.start), endMs];
  for (let step = 1; step <= recoverySteps; step += 1) {
    moments.push(endMs + Math.ceil((step * recoveryMs(curtailment)) / recoverySteps));
  }
  return moments;
}
