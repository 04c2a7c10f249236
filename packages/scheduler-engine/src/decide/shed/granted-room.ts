import { toNumber } from "@ertis/quantities";
import { freshWatts } from "../../power/ledger.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { isFelt } from "../../power/recovery.ts";
import { returnNodes } from "../../power/shedding/return-nodes.ts";
import { sleepersForReturn } from "../../power/shedding/sleepers.ts";
import { visitAbove } from "../../state/columns.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

/** Sums of the same numbers in another order may differ in their last digits. */
const rounding = 1 + 1e-9;

/**
 * What domains may carry with a task that comes back under a cap: below those that planned curtailments steer no more
 * than was granted to it, which is for as many nodes there as it had. On others of the site it may not take more of them.
 */
export function ceilingWithGrant(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  capWatts: number,
): Float64Array {
  const { load } = known(site.horizons[0], "the horizon of now");
  const ceiling = site.hardCeiling.slice();
  const granted = grantedScaled(state, site, paused, capWatts);
  for (const one of site.curtailments) {
    if (one.mode === "planned" && isFelt(one, state.nowMs) && state.nowMs < toNumber(one.end)) {
      const domain = known(site.domainIndexById.get(one.domain), "curtailed domain");
      const isAsked = isBelow(site, paused.nodes, one.domain);
      const more = isAsked ? (granted.get(domain) ?? 0) : 0;
      const most = ((load[domain] ?? 0) + more) * rounding;
      ceiling[domain] = Math.min(ceiling[domain] ?? 0, most);
    }
  }
  return ceiling;
}

/** By column above its nodes, with what those draw that are woken for it. */
function grantedScaled(
  state: EngineState,
  site: SiteState,
  paused: PausedTask,
  capWatts: number,
): ReadonlyMap<number, number> {
  const granted = new Map<number, number>();
  const add = (node: number, watts: number): void => {
    visitAbove(site, node, watts, (column, scaled) => {
      granted.set(column, (granted.get(column) ?? 0) + scaled);
    });
  };
  for (const node of returnNodes(state, site, paused)) {
    add(node, freshWatts(site, node, { gpusPerNode: paused.gpusPerNode, capWatts }));
  }
  for (const node of sleepersForReturn(state, site, paused)) {
    add(node, site.nodeBounds[node]?.[0] ?? 0);
  }
  return granted;
}
