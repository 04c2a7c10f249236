import { acknowledgeMs } from "../../limits.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { raiseWindows } from "../../power/shedding/ends-under.ts";
import { highestRaiseWithin } from "../../power/raise-room.ts";
import { asksByBounds } from "../../power/stale-meters.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { takesCaps } from "../caps/cap-orders.ts";
import { capInReach, orderWithinRamp } from "../caps/ramp-caps.ts";
import type { Deciding } from "../deciding.ts";
import { isOver } from "./needs-shed.ts";

/**
 * Caps below floors bridge until nodes are off. Who does not answer such an order in time counts at its old bound and is asked
 * for nothing more: it frees nothing for the target, and nobody would lift it again. So it is taken back to its floor
 * wherever a planned target is held by bounds; what must not be exceeded goes before floors.
 */
export function takeBackLate(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  if (!site.isInCurtailment || site.cappedCount === 0) {
    return;
  }
  const held = site.curtailments.filter(
    (one) => one.mode === "planned" && asksByBounds(site, one, state.nowMs),
  );
  const { load } = known(site.horizons[0], "the horizon of now");
  // A limit, or an emergency's target.
  if (held.length === 0 || isOver(load, site.forcedCeiling)) {
    return;
  }
  const late = [...site.attempts].filter(
    (attempt) =>
      isLateBelowFloor(state, attempt) &&
      held.some(({ domain }) => isBelow(site, attempt.placement.nodes, domain)),
  );
  if (late.length === 0) {
    return;
  }
  const windows = raiseWindows(state, site);
  for (const attempt of late) {
    // Of a gang some nodes may have answered: those rise as far as there is room.
    const inReach = capInReach(state, site, attempt, attempt.floorCapWatts);
    const cap = highestRaiseWithin(site, windows, attempt, inReach);
    if (cap > attempt.capWatts) {
      orderWithinRamp(deciding, site, attempt, cap);
      windows.changed(attempt);
    }
  }
}

function isLateBelowFloor({ nowMs }: EngineState, attempt: Attempt): boolean {
  const { capWatts, capInForce, floorCapWatts, workAtMs } = attempt;
  return (
    capInForce !== undefined &&
    nowMs - workAtMs >= acknowledgeMs &&
    capWatts < floorCapWatts &&
    takesCaps(attempt)
  );
}
