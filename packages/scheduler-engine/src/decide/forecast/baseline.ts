import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";
import { drawNow } from "../../power/shedding/measured-curves.ts";
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
 * time. What a curtailment in per cent is taken of. Of a first minute that was measured in part nothing counts: with the
 * meters of a new hub its jobs begin, too.
 */
export function measuredBaseline(
  state: EngineState,
  site: SiteState,
  domain: number,
): MeasuredBaseline | undefined {
  const minutes = state.curtailments.draws.get(drawKey(site, domain))?.minutes ?? [];
  let wattMs = 0;
  let measuredMs = 0;
  const firstMinute = Math.floor(state.nowMs / minuteMs) - minutesLookedAt;
  minutes.forEach(([minute, watts, ms], at) => {
    const isBeginning = at === 0 && ms < minuteMs;
    if (minute >= firstMinute && !isBeginning) {
      wattMs += watts;
      measuredMs += ms;
    }
  });
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
