import { capInForce, cutWatts } from "../state/caps.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { visitAbove } from "../state/columns.ts";

/** Adds what the nodes of an attempt count above idle for it, times a factor, to scaled loads. */
export function addAboveIdle(
  site: SiteState,
  attempt: Attempt,
  load: Float64Array,
  factor: number,
): void {
  for (const node of attempt.heldNodes) {
    addNodeWatts(site, node, ownWatts(site, node, attempt) * factor, load);
  }
}

/** Its part of the GPUs that are held, less what its own cap takes off: its neighbours may be capped otherwise. */
function ownWatts(site: SiteState, node: number, attempt: Attempt): number {
  const { gpusPerNode } = attempt;
  const held = Math.max(1, site.gpusHeld[node] ?? 1);
  const bounds = site.nodeBounds[node];
  const idle = bounds?.[0] ?? 0;
  const uncapped = ((bounds?.[held] ?? 0) - idle) * (gpusPerNode / held);
  const own = uncapped - cutWatts(site, node, gpusPerNode, capInForce(attempt, node));
  // A node that is off draws nothing, whoever holds it.
  const all = (site.horizons[0]?.nodeWatts[node] ?? 0) - idle;
  return Math.max(0, Math.min(own, all));
}

/** Adds watts of a node to every domain above it. */
export function addNodeWatts(
  site: SiteState,
  node: number,
  watts: number,
  load: Float64Array,
): void {
  visitAbove(site, node, watts, (column, scaled) => {
    load[column] = (load[column] ?? 0) + scaled;
  });
}
