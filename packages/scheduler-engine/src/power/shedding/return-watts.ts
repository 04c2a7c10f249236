import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { floorCap } from "./curves.ts";

/** What a node grows by when the task is back at its lowest cap. */
export function returnWatts(
  state: EngineState,
  site: SiteState,
  { job, gpusPerNode }: PausedTask,
  node: number,
): number {
  const spec = state.jobs.get(job)?.spec;
  const pool = site.nodePool[node];
  const bounds = site.nodeBounds[node];
  const whole = (bounds?.[gpusPerNode] ?? 0) - (bounds?.[0] ?? 0);
  const floor = spec === undefined || pool === undefined ? 0 : floorCap(pool, spec);
  const highest = pool?.gpuCap?.highestWatts ?? 0;
  return floor === 0 ? whole : Math.max(0, whole - gpusPerNode * (highest - floor));
}
