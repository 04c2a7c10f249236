import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeOff, type Pool, type SiteState } from "../../state/site-state.ts";
import { feltDomains } from "../felt-domains.ts";
import { availableNodes, freeGpusOf } from "../free-counts.ts";
import { isBelowAny } from "./effects.ts";
import { borneOf, mayBeWokenFor, nodesForReturn } from "./sleepers.ts";
import { sleepingNodes } from "../sleeping-nodes.ts";

/**
 * The nodes on which a paused task would come back now: those of its own that are free, then others of its pool that
 * are on, those outside of all curtailments first, at last those that stay on or are woken for it alone; of all these
 * only such as breakers bear it on. Its own where there are too few.
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
  const candidates = new Set([
    ...others.filter(isOutside),
    ...others,
    ...nodesForReturn(state, site, paused),
  ]);
  const missingCount = nodes.length - own.length;
  const found = borneOf(state, site, paused, { nodes: candidates, count: missingCount });
  return found.length < missingCount ? nodes : [...own, ...found];
}

/**
 * The nodes with which each of several paused tasks would come back once their curtailments are over: its own, whoever
 * is promised a start there for later, then others that are on, at last those that sleep. Without those that have too few:
 * they wait for nodes, whatever is left.
 */
export function nodesOfReturns(
  state: EngineState,
  site: SiteState,
  waiting: readonly PausedTask[],
): ReadonlyMap<PausedTask, readonly number[]> {
  const used = new Map<number, number>();
  const asleepOf = new Map<Pool, ReadonlySet<number>>();
  const found = new Map<PausedTask, readonly number[]>();
  for (const paused of waiting) {
    const { job, nodes, gpusPerNode } = paused;
    const pool = site.nodePool[nodes[0] ?? -1];
    if (pool === undefined) {
      continue;
    }
    const asleep = asleepOf.get(pool) ?? new Set(sleepingNodes(state, pool));
    asleepOf.set(pool, asleep);
    const own = new Set(nodes);
    // Promised starts that are in the way of who comes back are let go.
    const isOnItsPlace = (node: number): boolean => !asleep.has(node) && own.has(node);
    const isTaking = (node: number): boolean => {
      const free = asleep.has(node) ? site.nodeGpuCount[node] : site.countedFree[node];
      return (
        site.nodePool[node] === pool &&
        (free ?? -1) - (used.get(node) ?? 0) >= gpusPerNode &&
        (mayBeWokenFor(site, node, job) || isOnItsPlace(node))
      );
    };
    const taken = firstOf(inTurn(pool, own, asleep, gpusPerNode), isTaking, nodes.length);
    if (taken.length === nodes.length) {
      taken.forEach((node) => used.set(node, (used.get(node) ?? 0) + gpusPerNode));
      found.set(paused, taken);
    }
  }
  return found;
}

/**
 * Who is let back and waits for nodes, whatever watts are left, gives none and gets none for what bounds must not exceed:
 * caps that fell for it would rise into what it cannot use, and fall again.
 */
export function isOutOfNodes(state: EngineState, site: SiteState, paused: PausedTask): boolean {
  const { job, task, isReturning, isShrinking } = paused;
  const hasStopped = state.jobs.get(job)?.active?.has(task) !== true;
  return isReturning && !isShrinking && hasStopped && !areNodesFreeFor(site, paused);
}

/**
 * Has a pool as many nodes free as a paused task had, on or asleep, whoever they are kept for? Else it waits for somebody to
 * end, whatever watts are left.
 */
export function areNodesFreeFor(site: SiteState, { nodes, gpusPerNode }: PausedTask): boolean {
  const pool = site.nodePool[nodes[0] ?? -1];
  const isFree = (node: number): boolean =>
    site.nodePool[node] === pool &&
    ((site.nodeFlags[node] ?? 0) & ~(nodeOff | nodeAsleep)) === 0 &&
    (site.nodeGpuCount[node] ?? 0) - (site.gpusHeld[node] ?? 0) >= gpusPerNode;
  let missingCount = nodes.length - nodes.filter(isFree).length;
  for (let node = 0; node < site.nodePool.length && missingCount > 0; node += 1) {
    missingCount -= isFree(node) && !nodes.includes(node) ? 1 : 0;
  }
  return missingCount <= 0;
}

/** Its own nodes, then others: a large site has too many to look at them for each task that needs none. */
function* inTurn(
  pool: Pool,
  own: ReadonlySet<number>,
  asleep: ReadonlySet<number>,
  gpusPerNode: number,
): Generator<number, void, void> {
  yield* own;
  if (availableNodes({ pool, gpusPerNode, mayUseKept: true }, 0) + asleep.size < own.size) {
    return;
  }
  const { countedFree } = pool.site;
  for (let node = 0; node < countedFree.length; node += 1) {
    if ((countedFree[node] ?? -1) >= gpusPerNode && !own.has(node) && !asleep.has(node)) {
      yield node;
    }
  }
  for (const node of asleep) {
    if (!own.has(node)) {
      yield node;
    }
  }
}

function firstOf(
  nodes: Iterable<number>,
  isTaking: (node: number) => boolean,
  count: number,
): readonly number[] {
  const first: number[] = [];
  for (const node of nodes) {
    if (isTaking(node)) {
      first.push(node);
    }
    if (first.length === count) {
      break;
    }
  }
  return first;
}
