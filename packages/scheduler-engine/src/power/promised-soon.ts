import { visitAbove } from "./columns.ts";
import { freshWatts } from "./ledger.ts";
import type { CurtailmentRecord } from "../state/curtailments.ts";
import type { SiteState } from "../state/site-state.ts";

/** Caps fall and are acknowledged, and a minute's mean follows, before a promised start comes. */
const leadMs = 60_000;

/** Watts of a domain that starts promised for now or soon will add there, and of these those that are due. */
export interface PromisedSoon {
  readonly watts: number;
  readonly dueWatts: number;
}

/**
 * What a planned curtailment leaves for promised starts: they are counted before they draw, so that others are
 * lowered for them in time.
 */
export function promisedSoon(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  nowMs: number,
): PromisedSoon {
  const top = site.domainIndexById.get(curtailment.domain);
  const scale = site.site.domains[top ?? 0]?.loadScale ?? 1;
  let scaled = 0;
  let dueScaled = 0;
  for (const { reservations } of site.pools) {
    for (const one of reservations) {
      if (one.startAtMs > nowMs + leadMs) {
        continue;
      }
      for (const node of one.nodes) {
        const more = (site.gpusHeld[node] ?? 0) > 0 ? 0 : freshWatts(site, node, one);
        visitAbove(site, node, more, (domain, growth) => {
          scaled += domain === top ? growth : 0;
          dueScaled += domain === top && one.startAtMs <= nowMs ? growth : 0;
        });
      }
    }
  }
  return { watts: scaled / scale, dueWatts: dueScaled / scale };
}
