import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

/** Does a gang hold a part of a node that counts its peak in part use? */
export function sharesPeak(site: SiteState, node: number, gpusPerNode: number): boolean {
  return site.countsPeakInPart[node] === 1 && gpusPerNode < (site.nodeGpuCount[node] ?? 0);
}

/**
 * Attempts in groups that free watts only together: they share nodes that count their peak until the last on them has
 * left. In a group they stay in order, and each group is in the place of its last.
 */
export function leaveTogether(
  site: SiteState,
  attempts: readonly Attempt[],
): readonly (readonly Attempt[])[] {
  const placeOf = new Map(attempts.map((attempt, place) => [attempt, place]));
  const inGroups = new Set<Attempt>();
  const groups: (readonly Attempt[])[] = [];
  for (const last of attempts.toReversed()) {
    if (!inGroups.has(last)) {
      const group = [...boundTo(site, last)].filter((one) => placeOf.has(one));
      group.forEach((one) => inGroups.add(one));
      groups.push(group.toSorted((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0)));
    }
  }
  return groups.toReversed();
}

/** With itself. Gangs on several nodes bind the neighbours on one to those on another. */
function boundTo(site: SiteState, first: Attempt): ReadonlySet<Attempt> {
  const found = new Set([first]);
  // Who is found while it is walked through is walked through, too.
  for (const { heldNodes, gpusPerNode } of found) {
    for (const node of heldNodes) {
      if (sharesPeak(site, node, gpusPerNode)) {
        site.attemptsOnNode[node]?.forEach((one) => found.add(one));
      }
    }
  }
  return found;
}
