import { toNumber } from "@ertis/quantities";
import { isBelow } from "../power/effects.ts";
import { givesMoreFromMs } from "../power/recovery.ts";
import type { EngineState } from "../state/engine-state.ts";
import { wakeLeadOf } from "../state/ramps.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { PlannedStart } from "./plan-start.ts";

/**
 * The soonest moment for a promised start by which its nodes are back from every curtailment to come that
 * was accepted with them off: kept for a sooner one, they would have to stay on in it.
 */
export function backFromSleepMs(
  { nowMs, ramps }: EngineState,
  { pool, nodes, startAtMs }: Pick<PlannedStart, "pool" | "nodes" | "startAtMs">,
): number {
  const { site } = pool;
  let latestMs = startAtMs;
  for (const curtailment of site.curtailments) {
    const beginMs = toNumber(curtailment.start);
    const backMs = givesMoreFromMs(curtailment) + wakeLeadOf(ramps.get(site.site.id));
    if (
      curtailment.mode === "planned" &&
      beginMs > nowMs &&
      beginMs < startAtMs &&
      startAtMs < backMs &&
      maySleepFor(site, curtailment, nodes)
    ) {
      latestMs = Math.max(latestMs, backMs);
    }
  }
  return latestMs;
}

/** Are some of the nodes idle when it begins, and are its watts fewer than bounds then? */
function maySleepFor(
  site: SiteState,
  { start, domain }: Curtailment,
  nodes: readonly number[],
): boolean {
  const then = site.horizons.find(({ atMs }) => atMs === toNumber(start));
  const top = site.domainIndexById.get(domain) ?? -1;
  if (then === undefined || (then.load[top] ?? 0) <= (then.ceiling[top] ?? 0)) {
    return false;
  }
  const idle = nodes.filter((node) => then.nodeWatts[node] === site.nodeBounds[node]?.[0]);
  return isBelow(site, idle, domain);
}
