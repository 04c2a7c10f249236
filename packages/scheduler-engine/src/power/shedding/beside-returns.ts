import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { visitAbove } from "../../state/columns.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { growthWatts } from "../ledger.ts";
import { isAwaited } from "./awaited.ts";

/**
 * The ledger with what gangs come back to that go on in a moment with fewer nodes, or with more: while they write their
 * checkpoints and stop, nobody else starts with their watts, and no cap rises into them.
 * @param own the task that is asked for, if one of them is
 * @param horizons what it has to fit instead of the horizons of the site
 */
export function besideReturns(
  state: EngineState,
  site: SiteState,
  {
    own,
    horizons = site.horizons,
  }: {
    readonly own?: Pick<PausedTask, "job" | "task">;
    readonly horizons?: readonly Horizon[];
  } = {},
): readonly Horizon[] {
  const coming = comingTo(state, site).filter(
    (one) => !(one.job === own?.job && one.task === own.task),
  );
  return coming.length === 0 ? horizons : horizons.map((horizon) => without(site, horizon, coming));
}

/** The same of one ledger. */
export function besideReturn(state: EngineState, site: SiteState, horizon: Horizon): Horizon {
  const coming = comingTo(state, site);
  return coming.length === 0 ? horizon : without(site, horizon, coming);
}

/** Who is told to pause after all comes back later, and gets its watts then. */
function comingTo(state: EngineState, site: SiteState): readonly PausedTask[] {
  const { paused } = state.curtailments;
  return [...paused.values()].filter(
    (one) =>
      one.isShrinking && one.isReturning && one.site === site.site.id && isAwaited(state, one),
  );
}

function without(site: SiteState, horizon: Horizon, coming: readonly PausedTask[]): Horizon {
  const ceiling = horizon.ceiling.slice();
  for (const { nodes, gpusPerNode, capWatts = 0 } of coming) {
    for (const node of nodes) {
      // As long as it still runs there, its bound counts.
      const more = { gpusPerNode, capWatts, floorCapWatts: 0 };
      const watts = Math.max(0, growthWatts(site, node, more, horizon));
      visitAbove(site, node, watts, (column, scaled) => {
        ceiling[column] = (ceiling[column] ?? 0) - scaled;
      });
    }
  }
  return { ...horizon, ceiling };
}
