import { drawKey } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { staleAfterMs } from "../stale-meters.ts";
import { knownMinutes, knownSinceMs } from "./known-minutes.ts";
import type { ShedContext } from "./shed-jobs.ts";

const minuteMs = 60_000;
/** The highest of so many minutes counts: a checkpoint dips for less. */
const minutesSeen = 3;

/** Mean draw of a domain in the last minute that was measured, in the highest of the last few, and in all of them. */
export interface DrawNow {
  readonly lastWatts: number;
  readonly highestWatts: number;
  readonly meanWatts: number;
}

/**
 * Undefined: nobody measures it now, or not for a minute yet.
 * @param sinceMs what was drawn in minutes before its own does not tell of now
 */
export function drawNow(
  { state, site }: ShedContext,
  domain: number,
  sinceMs: number = -Infinity,
): DrawNow | undefined {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  if (history === undefined || state.nowMs - history.lastAtMs >= staleAfterMs) {
    return undefined;
  }
  const firstMinute = Math.floor(state.nowMs / minuteMs) - minutesSeen;
  const ownMinute = Math.max(firstMinute, Math.ceil(sinceMs / minuteMs));
  const minutes = knownMinutes(history);
  const last = minutes.findLast(([minute]) => minute >= firstMinute);
  if (last === undefined) {
    return undefined;
  }
  const own = minutes.filter((one) => one[0] >= ownMinute || one === last);
  const [sumWattMs, sumMs] = own.reduce(
    ([watts, length], [, wattMs, ms]) => [watts + wattMs, length + ms],
    [0, 0],
  );
  return {
    lastWatts: last[1] / last[2],
    highestWatts: Math.max(...own.map(([, wattMs, ms]) => wattMs / ms)),
    meanWatts: sumWattMs / sumMs,
  };
}

/** The highest of the last minutes, whole watts; 0: nobody measures it now. */
export function drawnWatts(state: EngineState, site: SiteState, domain: number): number {
  return Math.round(drawNow({ state, site, record: undefined }, domain)?.highestWatts ?? 0);
}

/** From when on the minutes are that are looked at. Those of a new hub are fewer. */
export function lookedAtSinceMs({ state, site }: ShedContext, domain: number): number {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  const firstMs = state.nowMs - (minutesSeen + 1) * minuteMs;
  return Math.max(firstMs, history === undefined ? -Infinity : knownSinceMs(history));
}
