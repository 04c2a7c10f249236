import { memoryMs, type RampBudget, stepWattsMax } from "@ertis/power-planning";
import { wakeMarginMs, wakeMs } from "../limits.ts";
import type { SiteState } from "./site-state.ts";

/**
 * So long before a promised start nodes of it that are off are woken at the latest: as long as one takes. Where
 * ramps stand above, no step of a wake may be in the way of the start, and all nodes of the site may have to
 * come in as many steps as their idle watts take. Infinity: a ramp is too slow for a single one.
 */
export function wakeLeadMs(
  site: Pick<
    SiteState,
    "parent" | "nodeMultiplier" | "parentMultiplier" | "nodeDomain" | "nodeBounds"
  >,
  { ledgers }: RampBudget,
): number {
  const idleScaled = new Float64Array(site.parent.length);
  const nodeScaledMax = new Float64Array(site.parent.length);
  site.nodeDomain.forEach((own, node) => {
    let scaled = (site.nodeBounds[node]?.[0] ?? 0) * (site.nodeMultiplier[own] ?? 0);
    for (let domain = own; domain >= 0; domain = site.parent[domain] ?? -1) {
      idleScaled[domain] = (idleScaled[domain] ?? 0) + scaled;
      nodeScaledMax[domain] = Math.max(nodeScaledMax[domain] ?? 0, scaled);
      scaled *= site.parentMultiplier[domain] ?? 0;
    }
  });
  let leadMs = wakeMs;
  ledgers.forEach((ledger, domain) => {
    if (ledger !== undefined) {
      const step = stepWattsMax(ledger.limit) - (nodeScaledMax[domain] ?? 0);
      const stepCount = step > 0 ? Math.ceil((idleScaled[domain] ?? 0) / step) : Infinity;
      leadMs = Math.max(leadMs, stepCount * (memoryMs(ledger.limit) + wakeMs));
    }
  });
  return leadMs + wakeMarginMs;
}
