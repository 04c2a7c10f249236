import type { Pool, SiteState } from "../state/site-state.ts";

/** What stands for a node that nobody has asked for since its facts changed. */
export const notAsked = -1;

/** By pool and GPUs a node: for each node of the site when it has so many free. */
type Moments = Map<Pool, Map<number, Float64Array>>;

const kept = new WeakMap<SiteState, Moments>();

/**
 * Where it is kept from question to question when the nodes of a pool have so many GPUs free, as
 * `placement/free-moments.ts` works it out. A cache; may be forgotten at any time. Undefined: no node is so large.
 */
export function keptMoments(pool: Pool, gpusPerNode: number): Float64Array | undefined {
  const { site, gpuCountMax } = pool;
  if (gpusPerNode > gpuCountMax) {
    return undefined;
  }
  const ofSite: Moments = kept.get(site) ?? new Map<Pool, Map<number, Float64Array>>();
  const ofPool = ofSite.get(pool) ?? new Map<number, Float64Array>();
  const moments = ofPool.get(gpusPerNode) ?? new Float64Array(site.nodeFlags.length).fill(notAsked);
  ofPool.set(gpusPerNode, moments);
  ofSite.set(pool, ofPool);
  kept.set(site, ofSite);
  return moments;
}

/** What was known of a node may be true no more. */
export function forgetMoments(site: SiteState, node: number): void {
  for (const ofPool of kept.get(site)?.values() ?? []) {
    for (const moments of ofPool.values()) {
      moments[node] = notAsked;
    }
  }
}
