import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { visitAbove } from "../../state/columns.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { growthWatts, type HeldGpus } from "../ledger.ts";
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

/**
 * The ledger of a moment to come with the same: whoever is promised a start then has to fit beside what they come back to,
 * unless they are done by then.
 */
export function besideReturnsThen(site: SiteState, then: Horizon): Horizon {
  if (site.returnNodes.size === 0) {
    return then;
  }
  const ceiling = then.ceiling.slice();
  for (const [node, { untilMs, ...held }] of site.returnNodes) {
    if (untilMs > then.atMs) {
      lower(site, then, { node, ...held }, ceiling);
    }
  }
  return { ...then, ceiling };
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
      lower(site, horizon, { node, gpusPerNode, capWatts }, ceiling);
    }
  }
  return { ...horizon, ceiling };
}

/** By what a node grows with GPUs that somebody comes back to. As long as he still runs there, his bound counts. */
function lower(
  site: SiteState,
  horizon: Horizon,
  { node, ...held }: { readonly node: number } & HeldGpus,
  ceiling: Float64Array,
): void {
  const watts = Math.max(0, growthWatts(site, node, { ...held, floorCapWatts: 0 }, horizon));
  visitAbove(site, node, watts, (column, scaled) => {
    ceiling[column] = (ceiling[column] ?? 0) - scaled;
  });
}
