import type { EngineState } from "../state/engine-state.ts";
import { nodeAsleep, nodeOff, type Pool, type SiteState } from "../state/site-state.ts";

/** Is a node off to save watts, and for nothing else? What is still going off cannot be turned back. */
export function isSleeping({ nodeFlags }: SiteState, node: number): boolean {
  return nodeFlags[node] === (nodeOff | nodeAsleep);
}

/** Nodes of a pool that are off to save watts, and those that are still going off for it. */
export function putToSleep(pool: Pool): readonly number[] {
  const { nodePool, nodeFlags } = pool.site;
  return [...nodePool.keys()].filter(
    (node) => nodePool[node] === pool && ((nodeFlags[node] ?? 0) & ~nodeOff) === nodeAsleep,
  );
}

/** A cache: what is kept of a site is good until something is released, as with every node that changes. */
const lists = new WeakMap<SiteState, SleepingNodes>();

/** To be asked where changes to a copy of the state are undone: what that released counts as if it had never been. */
export function forgetSleepers(site: SiteState): void {
  lists.delete(site);
}

interface SleepingNodes {
  readonly atRelease: number;
  readonly ofPool: ReadonlyMap<Pool, Sleepers>;
}

interface Sleepers {
  readonly nodes: number[];
  /** What the most frugal of them draws as soon as it is on; every shape of a queue asks for it. */
  leastIdleWatts: number;
  /** By domain above them; undefined: nobody has asked. */
  below: ReadonlyMap<number, readonly number[]> | undefined;
}

/** Nodes of a pool that are off to save watts, ascending; those that are kept for a promised start, too. */
export function sleepingNodes(state: EngineState, pool: Pool): readonly number[] {
  return sleepersIn(state, pool).nodes;
}

/** The same by each domain that has any, small domains before large ones. */
export function sleepingBelow(
  state: EngineState,
  pool: Pool,
): ReadonlyMap<number, readonly number[]> {
  const sleepers = sleepersIn(state, pool);
  sleepers.below ??= groupedBelow(pool.site, sleepers.nodes);
  return sleepers.below;
}

function noSleepers(): Sleepers {
  return { nodes: [], leastIdleWatts: Infinity, below: undefined };
}

function groupedBelow(
  { nodeDomain, parent, depth }: SiteState,
  asleep: readonly number[],
): ReadonlyMap<number, readonly number[]> {
  const below = new Map<number, number[]>();
  for (const node of asleep) {
    for (let at = nodeDomain[node] ?? -1; at >= 0; at = parent[at] ?? -1) {
      const nodes = below.get(at) ?? [];
      nodes.push(node);
      below.set(at, nodes);
    }
  }
  return new Map([...below].toSorted(([a], [b]) => (depth[b] ?? 0) - (depth[a] ?? 0) || a - b));
}

/** With what the most frugal of them draws. */
export function sleepersIn(state: EngineState, pool: Pool): Sleepers {
  const { site } = pool;
  let known = lists.get(site);
  if (known?.atRelease !== state.releaseCount) {
    const ofPool = new Map<Pool, Sleepers>();
    site.nodePool.forEach((own, node) => {
      if (isSleeping(site, node)) {
        const sleepers = ofPool.get(own) ?? noSleepers();
        sleepers.nodes.push(node);
        sleepers.leastIdleWatts = Math.min(sleepers.leastIdleWatts, idleWattsOf(site, [node]));
        ofPool.set(own, sleepers);
      }
    });
    known = { atRelease: state.releaseCount, ofPool };
    lists.set(site, known);
  }
  return known.ofPool.get(pool) ?? noSleepers();
}

/** What nodes draw that do nothing but be on. */
export function idleWattsOf({ nodeBounds }: SiteState, nodes: readonly number[]): number {
  return nodes.reduce((sum, node) => sum + (nodeBounds[node]?.[0] ?? 0), 0);
}
