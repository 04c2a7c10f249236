import type { CapCurve } from "@ertis/power-planning";
import type { SiteState } from "../../state/site-state.ts";

/**
 * A node counts idle + GPUs × (offset + cap), where the offset is what a GPU at its highest cap counts
 * beside it. So in watts of caps a GPU that is idle counts minus the offset.
 */
export function gpuWatts(
  site: SiteState,
  node: number,
): { readonly highestWatts: number; readonly idleWatts: number } {
  const gpuCount = site.nodeGpuCount[node] ?? 1;
  const bounds = site.nodeBounds[node];
  const range = ((bounds?.[gpuCount] ?? 0) - (bounds?.[0] ?? 0)) / gpuCount;
  const capWatts = site.nodeCaps[node]?.highestWatts ?? 0;
  const highestWatts = capWatts === 0 ? Math.max(1, Math.round(range)) : capWatts;
  return { highestWatts, idleWatts: highestWatts - range };
}

/** Of GPUs that take no caps, or whose caps save nothing. */
export function uncapped(watts: number): CapCurve {
  return { points: [{ capWatts: watts, speed: 1, drawWatts: watts }] };
}
