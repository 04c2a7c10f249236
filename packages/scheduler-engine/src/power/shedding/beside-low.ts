import { cutWatts } from "../../state/caps.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { lowAttempts } from "../../state/low-attempts.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { steeredDomains } from "../felt-domains.ts";
import { KeptWatts } from "../kept-watts.ts";
import { asksByBounds } from "../stale-meters.ts";
import { isBelowAny } from "./effects.ts";
import { floorsKept } from "./given-up.ts";

/**
 * A ledger beside the watts that jobs need to be back at their floors where bounds are kept below a target: others make
 * room for them (`decide/shed/needs-shed.ts`). Caps that rose into it would fall for them again, and so in a circle; and
 * who started with them, now or in a window to come, would keep them.
 */
export function besideLow(
  state: EngineState,
  site: SiteState,
  horizons: readonly Horizon[],
): readonly Horizon[] {
  return site.lowAttempts.size === 0 ? horizons : lackingWatts(state, site).beside(horizons);
}

function lackingWatts(state: EngineState, site: SiteState): KeptWatts {
  const kept = new KeptWatts();
  if (!site.curtailments.some((one) => asksByBounds(site, one, state.nowMs))) {
    return kept;
  }
  const steered = steeredDomains(site, state.nowMs);
  const isFloorKept = floorsKept(state, site);
  for (const attempt of lowAttempts(site)) {
    const { heldNodes, gpusPerNode, capWatts, floorCapWatts } = attempt;
    const isMeant = isBelowAny(site, heldNodes, steered) && isFloorKept(attempt);
    for (const node of isMeant ? heldNodes : []) {
      const watts =
        cutWatts(site, node, gpusPerNode, capWatts) -
        cutWatts(site, node, gpusPerNode, floorCapWatts);
      kept.add(site, node, watts);
    }
  }
  return kept;
}
