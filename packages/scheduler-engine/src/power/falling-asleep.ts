import { switchOffMs } from "../limits.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { nodeAsleep, nodeLost, nodeOff, type SiteState } from "../state/site-state.ts";
import { addNodeWatts } from "./above-idle.ts";

/**
 * Adds what nodes draw that were told to switch off and still draw, times a factor, to scaled loads. What is
 * late or silent is not believed in. @returns until when that is believed; 0: there are none
 */
export function addFallingAsleep(
  { nowMs }: EngineState,
  site: SiteState,
  load: Float64Array,
  factor: number,
): number {
  const offByMs = site.sleepAskedAtMs + switchOffMs;
  if (nowMs >= offByMs) {
    return 0;
  }
  let isAny = false;
  for (const [node, flags] of site.nodeFlags.entries()) {
    if ((flags & nodeAsleep) !== 0 && (flags & (nodeOff | nodeLost)) === 0) {
      const watts = known(site.horizons[0], "the horizon of now").nodeWatts[node] ?? 0;
      addNodeWatts(site, node, watts * factor, load);
      isAny = true;
    }
  }
  return isAny ? offByMs : 0;
}
