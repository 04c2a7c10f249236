import { drawKey } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";

/**
 * Mean draw of a domain over the last sixty minutes that were measured, in whole watts; undefined where
 * nobody measures. What a curtailment in per cent is taken of.
 */
export function baselineWatts(
  state: EngineState,
  site: SiteState,
  domain: number,
): number | undefined {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  let wattMs = 0;
  let measuredMs = 0;
  for (const [, watts, ms] of history?.minutes ?? []) {
    wattMs += watts;
    measuredMs += ms;
  }
  return measuredMs === 0 ? undefined : Math.round(wattMs / measuredMs);
}
