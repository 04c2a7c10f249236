import type { Capacity } from "@ertis/power-planning";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { sumUp } from "./create-horizon.ts";

/**
 * What accounts can hold of all sites at once: GPUs, and watts above the idle draw of their nodes, as holdings are counted.
 * Less than feeds carry: fixed loads, cooling and the idle draw of every node take a part of that.
 */
export function mostForJobs(state: EngineState): Capacity {
  let gpuCount = 0;
  let watts = 0;
  for (const site of state.sites.values()) {
    gpuCount += site.nodeGpuCount.reduce((sum, count) => sum + count, 0);
    watts += mostWatts(site);
  }
  return { gpuCount, watts };
}

/** With every node on, at full power, and no domain beyond what it carries. Never too little. */
function mostWatts(site: SiteState): number {
  const idle = site.fixedScaled.slice();
  const room = new Float64Array(site.parent.length);
  let nodeWatts = 0;
  site.nodeBounds.forEach((bounds, node) => {
    const at = known(site.nodeDomain[node], "domain of a node");
    const scaled = site.nodeMultiplier[at] ?? 0;
    const idleWatts = bounds[0] ?? 0;
    const moreWatts = (bounds.at(-1) ?? 0) - idleWatts;
    nodeWatts += moreWatts;
    idle[at] = (idle[at] ?? 0) + idleWatts * scaled;
    room[at] = (room[at] ?? 0) + moreWatts * scaled;
  });
  sumUp(site, idle);
  for (let domain = room.length - 1; domain >= 0; domain -= 1) {
    const left = Math.max(0, (site.usableScaled[domain] ?? 0) - (idle[domain] ?? 0));
    room[domain] = Math.min(room[domain] ?? 0, left);
    if (domain > 0) {
      const parent = site.parent[domain] ?? 0;
      room[parent] =
        (room[parent] ?? 0) + (room[domain] ?? 0) * (site.parentMultiplier[domain] ?? 0);
    }
  }
  return Math.min(nodeWatts, (room[0] ?? 0) / (site.scaledPerWattMin[0] ?? 1));
}
