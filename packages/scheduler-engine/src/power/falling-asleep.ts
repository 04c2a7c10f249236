import { switchOffMs } from "../limits.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { nodeLost, type SiteState } from "../state/site-state.ts";
import { addNodeWatts } from "./above-idle.ts";

/** Nodes that were told to switch off and still draw, by when they were told and must be off. */
export interface FallingAsleep {
  readonly offByMs: number;
  readonly nodes: readonly number[];
}

/** What is late or silent is not believed in. */
export function fallingAsleep(
  { sleepAskedAtMs, nodeFlags }: SiteState,
  nowMs: number,
): readonly FallingAsleep[] {
  const nodesByAsked = new Map<number, number[]>();
  for (const [node, askedAtMs] of sleepAskedAtMs) {
    const isLost = ((nodeFlags[node] ?? 0) & nodeLost) !== 0;
    if (nowMs < askedAtMs + switchOffMs && !isLost) {
      const nodes = nodesByAsked.get(askedAtMs) ?? [];
      nodes.push(node);
      nodesByAsked.set(askedAtMs, nodes);
    }
  }
  return [...nodesByAsked].map(([askedAtMs, nodes]) => ({
    offByMs: askedAtMs + switchOffMs,
    nodes,
  }));
}

/**
 * Adds what nodes draw that were told to switch off and still draw, times a factor, to scaled loads.
 * @returns the first moment from which some of it is not believed any more; 0: there is none
 */
export function addFallingAsleep(
  { nowMs }: EngineState,
  site: SiteState,
  load: Float64Array,
  factor: number,
): number {
  if (site.sleepAskedAtMs.size === 0) {
    return 0;
  }
  const { nodeWatts } = known(site.horizons[0], "the horizon of now");
  let firstMs = Infinity;
  for (const { offByMs, nodes } of fallingAsleep(site, nowMs)) {
    firstMs = Math.min(firstMs, offByMs);
    for (const node of nodes) {
      addNodeWatts(site, node, (nodeWatts[node] ?? 0) * factor, load);
    }
  }
  return firstMs === Infinity ? 0 : firstMs;
}
