import type { Wanted } from "../../placement/room.ts";
import { growthWatts } from "../../power/ledger.ts";
import type { LoweredFor } from "../../power/what-if/lowering.ts";
import { visitAbove } from "../../state/columns.ts";
import { known } from "../../state/assert.ts";
import type { Horizon } from "../../state/site-state.ts";

/**
 * What is free in each domain once the newcomer runs at full power; negative: what is missing. Where caps fall for good,
 * the least of all windows in which nobody counts at its floor.
 */
export function freeAfter(
  nodes: readonly number[],
  wanted: Wanted,
  howLong: LoweredFor,
): Float64Array {
  const [now, ...later] = wanted.pool.site.horizons;
  const free = freeAt(nodes, wanted, known(now, "the horizon of now"));
  const met = later.filter(
    ({ atMs, isCurtailed }) => atMs < wanted.holdsUntilMs && isCurtailed === undefined,
  );
  for (const horizon of howLong === "good" ? met : []) {
    freeAt(nodes, wanted, horizon).forEach((scaled, domain) => {
      free[domain] = Math.min(free[domain] ?? 0, scaled);
    });
  }
  return free;
}

function freeAt(nodes: readonly number[], wanted: Wanted, horizon: Horizon): Float64Array {
  const { site } = wanted.pool;
  const free = horizon.ceiling.map((ceiling, domain) => ceiling - (horizon.load[domain] ?? 0));
  for (const node of nodes) {
    const growth = growthWatts(site, node, { ...wanted, capWatts: 0 }, horizon);
    visitAbove(site, node, growth, (column, scaled) => {
      free[column] = (free[column] ?? 0) - scaled;
    });
  }
  return free;
}
