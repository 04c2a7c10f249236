import { toNumber } from "@ertis/quantities";
import { drawKey } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { isFelt } from "./recovery.ts";

/** A measurement comes once a minute at least; half a minute more, and nobody measures. */
export const staleAfterMs = 90_000;

/** Without a measurement nothing steers a planned curtailment: then its target is for bounds. */
export function holdsByBounds(
  site: SiteState,
  { mode }: Curtailment,
  domain: number,
  nowMs: number,
): boolean {
  const lastMs = site.measuredAtMs.get(domain);
  return mode === "planned" && (lastMs === undefined || nowMs - lastMs >= staleAfterMs);
}

/** Do bounds keep below its target now: is it an emergency, or a planned one that nobody measures? */
export function actsOnBounds(site: SiteState, one: Curtailment, nowMs: number): boolean {
  const domain = site.domainIndexById.get(one.domain) ?? -1;
  return (
    isFelt(one, nowMs) && (one.mode === "emergency" || holdsByBounds(site, one, domain, nowMs))
  );
}

/** The same, up to its end: after that watts come back by the recovery. */
export function asksByBounds(site: SiteState, one: Curtailment, nowMs: number): boolean {
  return nowMs < toNumber(one.end) && actsOnBounds(site, one, nowMs);
}

/** When the meters of planned curtailments will have been silent for too long. */
export function staleMoments(site: SiteState): readonly number[] {
  return site.curtailments.flatMap(({ mode, domain }) => {
    const lastMs = site.measuredAtMs.get(site.domainIndexById.get(domain) ?? -1);
    return mode === "planned" && lastMs !== undefined ? [lastMs + staleAfterMs] : [];
  });
}

/** Notes that a domain was measured. True: its curtailment goes by measurement again. */
export function noteMeasured(site: SiteState, domain: number, nowMs: number): boolean {
  const hasReturned = site.curtailments.some(
    (one) =>
      site.domainIndexById.get(one.domain) === domain &&
      isFelt(one, nowMs) &&
      holdsByBounds(site, one, domain, nowMs),
  );
  site.measuredAtMs.set(domain, nowMs);
  return hasReturned;
}

/** What a site that was just built, or read back, forgot: the draws remember it. */
export function recallMeasured(state: EngineState, site: SiteState): void {
  for (let domain = 0; domain < site.parent.length; domain += 1) {
    const history = state.curtailments.draws.get(drawKey(site, domain));
    if (history !== undefined) {
      site.measuredAtMs.set(domain, history.lastAtMs);
    }
  }
}
