import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { visitAbove } from "../state/columns.ts";

/** Adds what the nodes of an attempt count above idle, times a factor, to scaled loads. */
export function addAboveIdle(
  site: SiteState,
  attempt: Attempt,
  load: Float64Array,
  factor: number,
): void {
  for (const node of attempt.heldNodes) {
    const now = site.horizons[0]?.nodeWatts[node] ?? 0;
    const share = attempt.gpusPerNode / Math.max(1, site.gpusHeld[node] ?? 1);
    const watts = Math.max(0, now - (site.nodeBounds[node]?.[0] ?? 0)) * share;
    addNodeWatts(site, node, watts * factor, load);
  }
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
