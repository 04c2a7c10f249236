import { needOf, needOfUnknown, seeNode, startKnown, wakings, type KnownNode } from "./need.ts";
import type { PoolMeasurement, PoolNode, PoolSettings } from "./pool-node.ts";
import { shareCaps, stepCaps, type NodeCap } from "./share-caps.ts";

export interface PoolState {
  readonly nodes: ReadonlyMap<number, KnownNode>;
}

export interface PoolStep {
  readonly state: PoolState;
  /** Caps to set, whole watts, only where they change. */
  readonly caps: readonly NodeCap[];
  /** What the floors need above the limit, watts: then the pool was let too many in. */
  readonly missingWatts: number;
}

/** Begins with what is known of the nodes' work from before: the highest draw of each under the same class of work. */
export function startPool(
  nodes: readonly PoolNode[],
  peakWatts: ReadonlyMap<number, number>,
  atMs: number,
): PoolState {
  const known = nodes.flatMap((node) => {
    const peak = peakWatts.get(node.id);
    return peak === undefined ? [] : [[node.id, startKnown(node, peak, atMs)] as const];
  });
  return { nodes: new Map(known) };
}

/** Caps before anything is measured: every node the same part of the way from its floor to its bound. */
export function evenCaps(nodes: readonly PoolNode[], limitWatts: number): readonly NodeCap[] {
  const needs = nodes.map((node) => needOfUnknown(node));
  const caps = shareCaps(needs, limitWatts);
  return nodes.map(({ id }, at) => ({ id, capWatts: Math.floor(caps[at] ?? 0) }));
}

/**
 * One step of the pool, about once a second: watts that nodes leave move to those that want them, by hard
 * caps whose sum in force never exceeds the limit.
 */
export function pool(
  before: PoolState,
  input: {
    readonly nodes: readonly PoolNode[];
    readonly limitWatts: number;
    readonly measurement: PoolMeasurement;
    readonly settings: PoolSettings;
  },
): PoolStep {
  const { nodes, limitWatts, measurement, settings } = input;
  const known = new Map<number, KnownNode>();
  for (const node of nodes) {
    const one = before.nodes.get(node.id);
    const watts = measurement.nodeWatts.get(node.id);
    const next =
      watts === undefined ? one : seeNode(one, node, { watts, atMs: measurement.atMs }, settings);
    if (next !== undefined) {
      known.set(node.id, next);
    }
  }
  const woke = wakings(nodes, known);
  const needs = nodes.map((node) => {
    const gangWokeAtMs = woke.get(node.gang) ?? -Infinity;
    return needOf(node, known.get(node.id), { atMs: measurement.atMs, gangWokeAtMs }, settings);
  });
  const floorWatts = nodes.reduce((sum, node) => sum + node.floorCapWatts, 0);
  return {
    state: { nodes: known },
    caps: stepCaps(needs, shareCaps(needs, limitWatts), limitWatts, settings),
    missingWatts: Math.max(0, floorWatts - limitWatts),
  };
}
