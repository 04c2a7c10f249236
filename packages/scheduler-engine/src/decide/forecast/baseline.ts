import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";
import { knownMinutes } from "../../power/shedding/known-minutes.ts";
import { drawNow } from "../../power/shedding/draw-now.ts";
import { drawKey } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

const minuteMs = 60_000;
/** What was measured earlier says nothing about what is shed now. */
const minutesLookedAt = 60;

export interface MeasuredBaseline {
  /** Whole watts. */
  readonly watts: number;
  /** So much of the sixty minutes was measured and counts. */
  readonly measuredMs: number;
}

/**
 * Mean draw of a domain over what was measured of the last sixty minutes; undefined where nobody has measured in that
 * time. What a curtailment in per cent is taken of.
 */
export function measuredBaseline(
  state: EngineState,
  site: SiteState,
  domain: number,
): MeasuredBaseline | undefined {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  let wattMs = 0;
  let measuredMs = 0;
  const firstMinute = Math.floor(state.nowMs / minuteMs) - minutesLookedAt;
  for (const [minute, watts, ms] of history === undefined ? [] : knownMinutes(history)) {
    if (minute >= firstMinute) {
      wattMs += watts;
      measuredMs += ms;
    }
  }
  return measuredMs === 0 ? undefined : { watts: Math.round(wattMs / measuredMs), measuredMs };
}

/**
 * What a target has to lie below to ask anything of anybody as load is: the baseline, or where load has grown
 * since, the draw of the last minute that was measured. 0: neither is known.
 */
export function shedsBelowWatts(
  state: EngineState,
  site: SiteState,
  { baseline, domain: id }: Curtailment,
): number {
  const domain = site.domainIndexById.get(id) ?? -1;
  const drawnWatts = Math.round(
    drawNow({ state, site, record: undefined }, domain)?.lastWatts ?? 0,
  );
  return Math.max(toNumber(baseline), drawnWatts);
}
