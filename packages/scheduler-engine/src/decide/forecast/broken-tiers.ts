import { toNumber } from "@ertis/quantities";
import { acknowledgeMs } from "../../limits.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/** Caps are whole watts, a little below what was planned: this part of the event is nobody's loss. */
const roundingPart = 0.005;

/**
 * So much of what a job has lost is nobody's, too: a cap that falls and the one that rises again are each obeyed within
 * two seconds, and a pause ends with a tick of a second. A checkpoint or a restore that takes longer than the job
 * said is a loss.
 */
export const lateMs: number = 2 * acknowledgeMs + 1_000;

/** Is that more than a tier tolerates on average over the curtailment as it was announced, and not given up? */
export function isTierBroken(
  curtailment: Curtailment,
  tierPercent: FlexibilityTier,
  lostMs: number,
): boolean {
  const isGivenUp = curtailment.giveUp?.includes(tierPercent) === true;
  return isMoreThan(curtailment, tierPercent / 100, lostMs) && !isGivenUp;
}

/** Is that more than a part of the full-speed time of a curtailment as it was announced? */
export function isMoreThan({ start, end }: Curtailment, part: number, lostMs: number): boolean {
  return lostMs > (part + roundingPart) * (toNumber(end) - toNumber(start));
}
