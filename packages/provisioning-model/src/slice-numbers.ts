import type { SiteDraft } from "./site-draft.ts";

/**
 * Which slice of the site's networks each cluster has: the one its entry names, else by the place of
 * its hall among those without one. So a hall that comes between others moves nobody when it names
 * a slice of its own. Two clusters with one slice are reported.
 */
export function sliceNumbers(draft: SiteDraft): ReadonlyMap<string, number> {
  const { declaration, layouts, problems, shortNames } = draft;
  const slices = new Map<string, number>();
  let next = 0;
  for (const { hall } of layouts) {
    const clusterName = shortNames[hall.index] ?? "";
    const own = declaration.clusters.get(clusterName)?.slice;
    slices.set(clusterName, own ?? next);
    next += own === undefined ? 1 : 0;
  }
  for (const [clusterName, { slice, at }] of declaration.clusters) {
    const other = [...slices].find(([name, number]) => name !== clusterName && number === slice);
    if (slice !== undefined && other !== undefined) {
      problems.add(
        at,
        `slice ${slice} is also that of ${other[0]}: give ${clusterName} another, for example ${Math.max(...slices.values()) + 1}`,
      );
    }
  }
  return slices;
}
