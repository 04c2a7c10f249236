import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { feltDomains } from "../felt-domains.ts";
import { freeGpusOf } from "../free-counts.ts";
import { isBelowAny } from "./effects.ts";
import { mayBeWokenFor, nodesForReturn, sleepingNodes } from "./sleepers.ts";

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

/**
 * The nodes with which each of several paused tasks would come back once their curtailments are over: its own, then others
 * that are on, at last those that sleep. Without those that have too few: they wait for nodes, whatever is left.
 */
export function nodesOfReturns(
  state: EngineState,
  site: SiteState,
  waiting: readonly PausedTask[],
): ReadonlyMap<PausedTask, readonly number[]> {
  const used = new Map<number, number>();
  const found = new Map<PausedTask, readonly number[]>();
  for (const paused of waiting) {
    const { job, nodes, gpusPerNode } = paused;
    const pool = site.nodePool[nodes[0] ?? -1];
    const asleep = new Set(pool === undefined ? [] : sleepingNodes(state, pool));
    const isTaking = (node: number): boolean => {
      const free = asleep.has(node) ? site.nodeGpuCount[node] : site.countedFree[node];
      return (
        site.nodePool[node] === pool &&
        (free ?? -1) - (used.get(node) ?? 0) >= gpusPerNode &&
        mayBeWokenFor(site, node, job)
      );
    };
    const awake = [...site.nodePool.keys()].filter((node) => !asleep.has(node));
    const all = [...new Set([...nodes, ...awake, ...asleep])].filter(isTaking);
    if (all.length >= nodes.length) {
      const own = all.slice(0, nodes.length);
      own.forEach((node) => used.set(node, (used.get(node) ?? 0) + gpusPerNode));
      found.set(paused, own);
    }
  }
  return found;
}
