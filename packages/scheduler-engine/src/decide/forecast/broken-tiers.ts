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
  { start, end, giveUp = [] }: Curtailment,
  tierPercent: FlexibilityTier,
  lostMs: number,
): boolean {
  const allMs = toNumber(end) - toNumber(start);
  return lostMs > (tierPercent / 100 + roundingPart) * allMs && !giveUp.includes(tierPercent);
}
