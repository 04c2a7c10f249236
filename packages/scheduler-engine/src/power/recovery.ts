import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../words/curtailment.ts";

/** After its end a curtailment lets go in so many equal steps, spread over its ramp. */
const recoverySteps = 10;

/** Also one without a ramp, or a cancelled one: six seconds a step, so that nothing stampedes. */
const recoveryMsMin = 60_000;

function recoveryMs({ ramp }: Curtailment): number {
  return Math.max(recoveryMsMin, toNumber(ramp));
}

/** What was drawn before comes back in a first stage; whoever waited on top of it, in a second as long. */
function stageCount({ target, baseline }: Curtailment): number {
  return toNumber(baseline) > toNumber(target) ? 2 : 1;
}

/** From the start until all watts are given back. */
export function isFelt(curtailment: Curtailment, atMs: number): boolean {
  return toNumber(curtailment.start) <= atMs && atMs < recoveredAtMs(curtailment);
}

/** Is a planned one over, and gives its watts back? Nobody is lowered for it any more. */
export function isGivingBack({ mode, end }: Curtailment, atMs: number): boolean {
  return mode === "planned" && toNumber(end) <= atMs;
}

export function recoveredAtMs(curtailment: Curtailment): number {
  return toNumber(curtailment.end) + stageCount(curtailment) * recoveryMs(curtailment);
}

/** What was shed is back: from then on watts on top of it come, for nodes that are off and for the queue. */
export function givesMoreFromMs(curtailment: Curtailment): number {
  return toNumber(curtailment.end) + recoveryMs(curtailment);
}

/**
 * What a domain may carry: the target; after the end, a tenth of the way back to the baseline with every
 * tenth of the ramp (or of a minute, if that is longer), then to all it may carry in as many steps, so that
 * neither what was shed comes back all at once nor what was queued meanwhile starts so.
 */
export function ceilingWatts(curtailment: Curtailment, usableWatts: number, atMs: number): number {
  const targetWatts = toNumber(curtailment.target);
  const sinceEndMs = atMs - toNumber(curtailment.end);
  if (sinceEndMs < 0) {
    return targetWatts;
  }
  const levels = levelsOf(curtailment, usableWatts);
  const steps = Math.floor((sinceEndMs * recoverySteps) / recoveryMs(curtailment)) + 1;
  const stage = Math.min(levels.length - 2, Math.floor((steps - 1) / recoverySteps));
  const [from = 0, to = 0] = levels.slice(stage);
  const share = Math.min(1, steps / recoverySteps - stage);
  return Math.max(targetWatts, Math.floor(from + share * (to - from)));
}

/** Where the stages of the recovery begin, and where the last one ends. */
function levelsOf(curtailment: Curtailment, usableWatts: number): readonly number[] {
  const targetWatts = toNumber(curtailment.target);
  return stageCount(curtailment) === 1
    ? [targetWatts, usableWatts]
    : [targetWatts, Math.min(usableWatts, toNumber(curtailment.baseline)), usableWatts];
}

/** The moments at which a curtailment changes a ceiling. */
export function changesOf(curtailment: Curtailment): readonly number[] {
  const endMs = toNumber(curtailment.end);
  const moments = [toNumber(curtailment.start), endMs];
  for (let step = 1; step <= stageCount(curtailment) * recoverySteps; step += 1) {
    moments.push(endMs + Math.ceil((step * recoveryMs(curtailment)) / recoverySteps));
  }
  return moments;
}
