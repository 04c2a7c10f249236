import { toNumber } from "@ertis/quantities";
import { createHorizon, letGoOf } from "../power/create-horizon.ts";
import { isBelow } from "../power/shedding/effects.ts";
import { ceilingsAt } from "../power/horizons.ts";
import { givesMoreFromMs } from "../power/recovery.ts";
import type { EngineState } from "../state/engine-state.ts";
import { wakeLeadOf } from "../state/ramps.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { PlannedStart } from "./plan-start.ts";

/**
 * The soonest moment for a promised start by which its nodes are back from every curtailment to come for which
 * idle nodes go off: kept for a sooner one, they would have to stay on in it. So is a start that is moved by one which
 * begins at once (`announced`). Under a ramp that is too slow to wake them they stay on anyway.
 */
export function backFromSleepMs(
  { nowMs, ramps }: EngineState,
  { pool, nodes, startAtMs }: Pick<PlannedStart, "pool" | "nodes" | "startAtMs">,
  announced?: Curtailment,
): number {
  const { site } = pool;
  let latestMs = startAtMs;
  for (const curtailment of site.curtailments) {
    const beginMs = toNumber(curtailment.start);
    const backMs = givesMoreFromMs(curtailment) + wakeLeadOf(ramps.get(site.site.id));
    const isToCome = curtailment.mode === "planned" && beginMs > nowMs;
    if (
      (isToCome || curtailment === announced) &&
      beginMs < startAtMs &&
      startAtMs < backMs &&
      backMs < Infinity &&
      maySleepFor(site, curtailment, nodes)
    ) {
      latestMs = Math.max(latestMs, backMs);
    }
  }
  return latestMs;
}

/**
 * Are some of the nodes idle when it begins, and is its target below what all draw at most with their caps as they
 * are? Then idle nodes go off before any cap falls for it.
 */
function maySleepFor(
  site: SiteState,
  { start, domain }: Curtailment,
  nodes: readonly number[],
): boolean {
  const atMs = toNumber(start);
  const top = site.domainIndexById.get(domain) ?? -1;
  const then = createHorizon(site, atMs, ceilingsAt(site, atMs));
  const idle = nodes.filter((node) => then.nodeWatts[node] === site.nodeBounds[node]?.[0]);
  const isOver = (then.load[top] ?? 0) > (then.ceiling[top] ?? 0);
  letGoOf(site, then);
  return isOver && isBelow(site, idle, domain);
}
