import { holdsUntilMs } from "../power/attempt-ends.ts";
import type { PausedTask } from "../state/curtailments.ts";
import type { SiteState } from "../state/site-state.ts";

/**
 * Do its own nodes have GPUs for a task that comes back until some moment, and for whoever is promised a start on them? That
 * was promised beside it while it ran there: what is kept is no reason to come back elsewhere, where somebody else has to.
 */
export function hasRoomBesideKept(
  site: SiteState,
  { job, nodes, gpusPerNode }: Pick<PausedTask, "job" | "nodes" | "gpusPerNode">,
  untilMs: number,
): boolean {
  return nodes.every((node) => {
    const kept = site.reservationOfNode[node];
    if (kept === undefined || kept.isLifted || kept.job === job || untilMs <= kept.startAtMs) {
      return true;
    }
    let gpuCount = gpusPerNode + kept.gpusPerNode;
    for (const attempt of site.attemptsOnNode[node] ?? []) {
      gpuCount += holdsUntilMs(attempt) > kept.startAtMs ? attempt.gpusPerNode : 0;
    }
    return gpuCount <= (site.nodeGpuCount[node] ?? 0);
  });
}
