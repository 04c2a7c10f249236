import { highestCapWith } from "../../placement/highest-cap.ts";
import { steeredDomains } from "../../power/felt-domains.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { mayRaise } from "../../power/raise-room.ts";
import type { RaiseWindows } from "../../power/raise-windows.ts";
import { raiseWindows } from "../../power/shedding/ends-under.ts";
import { isBelow, isBelowAny, runningRecords } from "../../power/shedding/effects.ts";
import { floorsKept } from "../../power/shedding/given-up.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import { lowAttempts } from "../../state/low-attempts.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * Who runs below its floor where a planned curtailment steers, and nobody gives that floor up. Where floors gave way,
 * measurements have shown that more is drawn than bounds say: they are left out.
 */
export function lowWhileSteered(state: EngineState, site: SiteState): readonly Attempt[] {
  const low = lowAttempts(site);
  if (low.length === 0) {
    return low;
  }
  const steered = steeredDomains(site, state.nowMs);
  const isFloorKept = floorsKept(state, site);
  const widened = [...runningRecords(state, site.site.id)].filter(({ widenedBy }) => widenedBy > 0);
  return low.filter((attempt) => {
    const { nodes } = attempt.placement;
    return (
      isBelowAny(site, nodes, steered) &&
      isFloorKept(attempt) &&
      !widened.some(({ curtailment: { domain } }) => isBelow(site, nodes, domain))
    );
  });
}

/**
 * Raises to floors, which go before promised starts, as these do before speed (docs/adr/0042): they ask what bounds must not
 * exceed, now and later, and not what is kept for whoever comes. Who ran slower than when a start was promised runs longer
 * beside it, too.
 */
export function pastPromises<Low>(
  state: EngineState,
  site: SiteState,
  low: readonly Low[],
  raise: (windows: RaiseWindows, one: Low) => void,
): void {
  if (low.length === 0) {
    return;
  }
  const promises = site.pools.flatMap(({ reservations }) => reservations);
  withLifted(promises, () => {
    const windows = raiseWindows(state, site);
    low.forEach((one) => {
      raise(windows, one);
    });
  });
}

/**
 * The highest cap up to its floor for which bounds have room: below breakers, and below the target. Steering keeps a
 * margin, and a larger one where it is measured seldom; but where bounds fit a target, draw does. Others start within the
 * same bounds, and are not to go before.
 */
export function capWithinBounds(site: SiteState, attempt: Attempt): number {
  const { capWatts, floorCapWatts } = attempt;
  const now = known(site.horizons[0], "the horizon of now");
  const fits = (cap: number): number | undefined =>
    mayRaise(site, [now], attempt, cap) ? cap : undefined;
  const steps = { floorWatts: capWatts, highestWatts: floorCapWatts };
  return fits(floorCapWatts) ?? highestCapWith(steps, fits) ?? capWatts;
}
