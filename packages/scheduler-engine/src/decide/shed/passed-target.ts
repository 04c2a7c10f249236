import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";

const minuteMs = 60_000;
/** One minute over may be a surprise; the next one as well is what goes on. */
const minutesSeen = 2;

/** Less than this part of a target is a matter of margins, not of pauses. */
export const missingPart = 0.01;

type Passed = Pick<CurtailmentRecord, "curtailment" | "minutes">;

/**
 * By how much more than its target was drawn in each of the last whole minutes since it holds, as compliance
 * counts them: so much is missing, whatever was expected. 0: not in all of them.
 */
export function passedWatts(record: Passed, nowMs: number): number {
  const over = overLast(record, nowMs);
  return Math.min(...over) > 0 ? Math.max(...over) : 0;
}

/** From then on minutes tell whether it is passed. */
export function passedToldFromMs({ curtailment: { start, ramp } }: Passed): number {
  return toNumber(start) + (Math.ceil(toNumber(ramp) / minuteMs) + minutesSeen) * minuteMs;
}

/** By how much it was passed in every one of them. */
export function surelyPassedWatts(record: Passed, nowMs: number): number {
  return Math.max(0, Math.min(...overLast(record, nowMs)));
}

/** At least one, 0 where not all of them are known. */
function overLast(record: Passed, nowMs: number): readonly number[] {
  const { start, target } = record.curtailment;
  const next = Math.floor((nowMs - toNumber(start)) / minuteMs);
  const isTold = nowMs >= passedToldFromMs(record);
  const seen = isTold ? record.minutes.slice(next - minutesSeen, next) : [];
  return seen.length === minutesSeen
    ? seen.map(({ wattMs, measuredMs }) => wattMs / measuredMs - toNumber(target))
    : [0];
}
