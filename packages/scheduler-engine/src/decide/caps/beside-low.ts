import { KeptWatts } from "../../power/kept-watts.ts";
import { asksByBounds } from "../../power/stale-meters.ts";
import { isBelowAny, runningRecords } from "../../power/shedding/effects.ts";
import { steeredDomains } from "../../power/felt-domains.ts";
import { givingUp, isGivenUp } from "../../power/shedding/given-up.ts";
import { cutWatts } from "../../state/caps.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";

/**
 * A ledger beside the watts that jobs need to be back at their floors where bounds are kept below a target: others make
 * room for them (`decide/shed/needs-shed.ts`). Caps that rose into it would fall for them again, and so in a circle.
 */
export function besideLow(
  state: EngineState,
  site: SiteState,
  horizons: readonly Horizon[],
): readonly Horizon[] {
  return lackingWatts(state, site).beside(horizons);
}

function lackingWatts(state: EngineState, site: SiteState): KeptWatts {
  const kept = new KeptWatts();
  if (!site.curtailments.some((one) => asksByBounds(site, one, state.nowMs))) {
    return kept;
  }
  const steered = steeredDomains(site, state.nowMs);
  const giving = givingUp(runningRecords(state, site.site.id));
  for (const attempt of site.attempts) {
    const { heldNodes, gpusPerNode, capWatts, floorCapWatts } = attempt;
    if (isBelowFloor(attempt) && isBelowAny(site, heldNodes, steered)) {
      const spec = state.jobs.get(attempt.job)?.spec;
      const isMeant =
        spec === undefined || !isGivenUp(site, giving, { spec, nodes: attempt.placement.nodes });
      for (const node of isMeant ? heldNodes : []) {
        const watts =
          cutWatts(site, node, gpusPerNode, capWatts) -
          cutWatts(site, node, gpusPerNode, floorCapWatts);
        kept.add(site, node, watts);
      }
    }
  }
  return kept;
}

/** It runs on at a lower cap than its tier tolerates: that only bridges until others have made room. */
export function isBelowFloor({ phase, capWatts, floorCapWatts }: Attempt): boolean {
  const isRunning = phase === "starting" || phase === "running";
  return isRunning && capWatts > 0 && capWatts < floorCapWatts;
}
