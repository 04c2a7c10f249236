import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { feltDomains } from "../felt-domains.ts";
import { freeGpusOf } from "../free-counts.ts";
import { isBelowAny } from "./effects.ts";
import { mayBeWokenFor, nodesForReturn } from "./sleepers.ts";

/**
 * The nodes on which a paused task would come back now: those of its own that are free, then others of its pool that
 * are on, those outside of all curtailments first, at last those that stay on or are woken for it alone. Its own where
 * there are too few.
 */
export function returnNodes(
  state: EngineState,
  site: SiteState,
  paused: Pick<PausedTask, "job" | "task" | "nodes" | "gpusPerNode">,
): readonly number[] {
  const { job, nodes, gpusPerNode } = paused;
  const isTaking = (node: number): boolean => (site.countedFree[node] ?? -1) >= gpusPerNode;
  // Those that are kept for it are free to nobody else.
  const own = nodes.filter((node) => freeGpusOf(site, node) >= gpusPerNode);
  const hasStopped = state.jobs.get(job)?.active?.has(paused.task) !== true;
  if (!hasStopped || own.length === nodes.length) {
    return nodes;
  }
  const pool = site.nodePool[nodes[0] ?? -1];
  const others = [...site.nodePool.keys()].filter(
    (node) =>
      site.nodePool[node] === pool &&
      !nodes.includes(node) &&
      isTaking(node) &&
      mayBeWokenFor(site, node, job),
  );
  const felt = feltDomains(site, state.nowMs);
  const isOutside = (node: number): boolean => !isBelowAny(site, [node], felt);
  const all = new Set([
    ...own,
    ...others.filter(isOutside),
    ...others,
    ...nodesForReturn(state, site, paused),
  ]);
  return all.size < nodes.length ? nodes : [...all].slice(0, nodes.length);
}
