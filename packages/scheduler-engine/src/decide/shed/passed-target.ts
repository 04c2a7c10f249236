import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";

const minuteMs = 60_000;
/** One minute over may be a surprise; the next one as well is what goes on. */
const minutesSeen = 2;

/**
 * By how much more than its target was drawn in each of the last whole minutes since it holds, as compliance
 * counts them: so much is missing, whatever was expected. 0: not in all of them.
 */
export function passedWatts(
  { curtailment: { start, ramp, target }, minutes }: CurtailmentRecord,
  nowMs: number,
): number {
  const next = Math.floor((nowMs - toNumber(start)) / minuteMs);
  const first = next - minutesSeen;
  if (first < 0 || first * minuteMs < toNumber(ramp)) {
    return 0;
  }
  const over = minutes
    .slice(first, next)
    .map(({ wattMs, measuredMs }) => wattMs / measuredMs - toNumber(target));
  return over.length === minutesSeen && over.every((watts) => watts > 0) ? Math.max(...over) : 0;
}
