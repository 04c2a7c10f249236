import type { ClusterPlan, SitePlan } from "./plan.ts";

/**
 * The halls that stand for a site on one machine: the first built hall of each make-up, because halls of
 * one make-up show nothing new. Of a whole plan: a limit of hosts may leave a class of a hall out.
 */
export function sampleHalls({ clusters }: SitePlan): readonly ClusterPlan[] {
  const built = clusters.filter(({ isBuilt }) => isBuilt);
  const firsts = new Map(built.toReversed().map((cluster) => [makeUpOf(cluster), cluster]));
  return built.filter((cluster) => firsts.get(makeUpOf(cluster)) === cluster);
}

/** Node classes by name, in order. */
export function makeUpOf({ nodeClasses }: ClusterPlan): string {
  return nodeClasses
    .map(({ name }) => name)
    .toSorted()
    .join(" ");
}
