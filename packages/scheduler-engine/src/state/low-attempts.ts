import type { Attempt } from "./job.ts";
import type { SiteState } from "./site-state.ts";

/** After its cap, its floor or its nodes have changed: is it one of those whose caps are below their floors? */
export function noteLow(site: SiteState, attempt: Attempt): void {
  const { heldNodes, capWatts, floorCapWatts } = attempt;
  if (heldNodes.length > 0 && capWatts > 0 && capWatts < floorCapWatts) {
    site.lowAttempts.add(attempt);
  } else {
    site.lowAttempts.delete(attempt);
  }
}

/** It runs on at a lower cap than its tier tolerates: that only bridges until others have made room. */
export function isBelowFloor({ phase, capWatts, floorCapWatts }: Attempt): boolean {
  const isRunning = phase === "starting" || phase === "running";
  return isRunning && capWatts > 0 && capWatts < floorCapWatts;
}

/** Those that run so, in order of their jobs: most sites have none. */
export function lowAttempts(site: SiteState): readonly Attempt[] {
  return [...site.lowAttempts]
    .filter(isBelowFloor)
    .toSorted((a, b) => a.job - b.job || a.task - b.task);
}
