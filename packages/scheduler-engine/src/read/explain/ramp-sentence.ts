import { formatMilliseconds, formatWatts, milliseconds, watts } from "@ertis/quantities";
import type { RampBlock, RampStepView } from "./ramp-block.ts";
import { shortDomain } from "./short-name.ts";

/** @param time how a moment is told */
export function rampSentence(ramp: RampBlock, time: (ms: number) => string): string {
  const { neededWatts, mostWatts, roomWatts, atMs } = ramp;
  if (neededWatts > mostWatts) {
    return `${beyondRampSentence(ramp)}; possible at ${time(atMs)}, when its other changes are over`;
  }
  const needed = formatWatts(watts(neededWatts));
  const room = formatWatts(watts(roomWatts));
  return `${limitOf(ramp)}, so ${room} may be added now, needs ${needed}; possible at ${time(atMs)}`;
}

/** Of a start that no stage makes small enough. */
export function beyondRampSentence(ramp: RampStepView): string {
  const most = formatWatts(watts(ramp.mostWatts));
  const needed = formatWatts(watts(ramp.neededWatts));
  return `${limitOf(ramp)}, ${most} at once at most; its start adds ${needed} even so, and is counted as unplanned`;
}

function limitOf({ domain, limitWatts, perMs, windowMs }: RampStepView): string {
  const limit = `${formatWatts(watts(limitWatts))} a ${perMs === 1000 ? "second" : "minute"}`;
  return `${shortDomain(domain)} may change by ${limit} on means over ${formatMilliseconds(milliseconds(windowMs))}`;
}
