import { capInForce, cutWatts } from "../state/caps.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { visitAbove } from "../state/columns.ts";

/** Attempts that leave one after the other, and what their nodes count less for each of them. */
export class Leaving {
  readonly #site: SiteState;
  readonly #gone = new Set<Attempt>();

  constructor(site: SiteState) {
    this.#site = site;
  }

  /** Adds what the nodes of an attempt count above idle for it, after those before it, times a factor, to scaled loads. */
  add(attempt: Attempt, load: Float64Array, factor: number): void {
    this.#gone.add(attempt);
    for (const node of attempt.heldNodes) {
      addNodeWatts(this.#site, node, this.#wattsWith(attempt, node) * factor, load);
    }
  }

  /** A shared node that counts its peak does so as long as anybody runs on it: the last to leave frees all of it. */
  #wattsWith(attempt: Attempt, node: number): number {
    const site = this.#site;
    if (site.countsPeakInPart[node] !== 1) {
      return ownWatts(site, node, attempt);
    }
    const isLast = (site.attemptsOnNode[node] ?? []).every((one) => this.#gone.has(one));
    return isLast ? Math.max(0, allWatts(site, node)) : 0;
  }
}

/** Its part of the GPUs that are held, less what its own cap takes off: its neighbours may be capped otherwise. */
function ownWatts(site: SiteState, node: number, attempt: Attempt): number {
  const { gpusPerNode } = attempt;
  const held = Math.max(1, site.gpusHeld[node] ?? 1);
  const bounds = site.nodeBounds[node];
  const uncapped = ((bounds?.[held] ?? 0) - (bounds?.[0] ?? 0)) * (gpusPerNode / held);
  const own = uncapped - cutWatts(site, node, gpusPerNode, capInForce(attempt, node));
  return Math.max(0, Math.min(own, allWatts(site, node)));
}

/** A node that is off draws nothing, whoever holds it. */
function allWatts(site: SiteState, node: number): number {
  return (site.horizons[0]?.nodeWatts[node] ?? 0) - (site.nodeBounds[node]?.[0] ?? 0);
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
