import { memoryMs, stepWattsMax } from "@ertis/power-planning";
import { startSettleMs } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteRamps } from "../state/ramps.ts";
import type { Reservation, SiteState } from "../state/site-state.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { cutWatts } from "./caps.ts";
import { addStep, type ComingSteps } from "./ramp-room.ts";

/**
 * What will rise soon and keeps its room: starts that are promised to others. Lowerings that are
 * ordered may never come, and make no room. A promised gang that may be capped keeps room for its floor, from which it rises.
 */
export function comingStarts(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  job: JobNumber | undefined,
): readonly ComingSteps[] {
  const coming: ComingSteps[] = [];
  for (const { reservation } of site.pools) {
    if (reservation === undefined || reservation.job === job) {
      continue;
    }
    const atMs = Math.max(state.nowMs, reservation.startAtMs);
    if (atMs - state.nowMs <= longestMemoryMs(ramps) + startSettleMs) {
      const steps = stepsOfPromise(site, ramps, reservation);
      coming.push({ atMs, settleMs: startSettleMs, steps });
    }
  }
  return coming;
}

function longestMemoryMs({ domains, budget }: SiteRamps): number {
  return domains.reduce((most, domain) => {
    const limit = budget.ledgers[domain]?.limit;
    return limit === undefined ? most : Math.max(most, memoryMs(limit));
  }, 0);
}

/** As if its nodes were free; never more than the ramp allows a quiet domain. */
function stepsOfPromise(
  site: SiteState,
  ramps: SiteRamps,
  { nodes, gpusPerNode, capWatts, floorCapWatts }: Reservation,
): ReadonlyMap<number, number> {
  const steps = new Map<number, number>();
  for (const node of nodes) {
    const bounds = site.nodeBounds[node];
    const whole = (bounds?.[gpusPerNode] ?? 0) - (bounds?.[0] ?? 0);
    const watts = whole - cutWatts(site, node, gpusPerNode, floorCapWatts || capWatts);
    addStep(site, ramps, steps, { node, watts: Math.max(0, watts) });
  }
  for (const [domain, watts] of steps) {
    const limit = ramps.budget.ledgers[domain]?.limit;
    if (limit !== undefined) {
      steps.set(domain, Math.min(watts, stepWattsMax(limit)));
    }
  }
  return steps;
}
