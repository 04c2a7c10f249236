import type { PoolNode, PoolSettings } from "./pool-node.ts";

/** What is remembered of a node. */
export interface KnownNode {
  /** What it works for; what was learned under another gang says nothing. */
  readonly gang: number;
  /** The highest draw it showed, or was said to have; fades slowly. */
  readonly peakWatts: number;
  /** Its last draws while it worked, the newest last. */
  readonly workingWatts: readonly number[];
  readonly lastWatts: number;
  /** Measurements in a row in which it drew little. */
  readonly lowCount: number;
  /** It waits for something (data, others, its end) and draws little. */
  readonly isWaiting: boolean;
  /** When it last began to work after it had waited. */
  readonly wokeAtMs: number;
  readonly seenAtMs: number;
}

/** A node of which only a peak is known is taken for one that works at it. */
export function startKnown(node: PoolNode, peakWatts: number, atMs: number): KnownNode {
  return {
    gang: node.gang,
    peakWatts,
    workingWatts: [peakWatts],
    lastWatts: peakWatts,
    lowCount: 0,
    isWaiting: false,
    wokeAtMs: atMs,
    seenAtMs: atMs,
  };
}

/**
 * A node at its cap shows the cap, not what it would draw: it counts a part of the way up to its peak, and
 * so regains what it needs in a few steps, and as much as others in the end. A waiting one that meets its
 * cap has woken.
 */
export function seeNode(
  before: KnownNode | undefined,
  node: PoolNode,
  seen: { readonly watts: number; readonly atMs: number },
  settings: PoolSettings,
): KnownNode {
  const known = before?.gang === node.gang ? before : startKnown(node, node.boundWatts, seen.atMs);
  const isHeldBack = seen.watts >= node.capInForceWatts * (1 - settings.heldBackShare);
  const faded = known.peakWatts * (1 - settings.peakFadeShare);
  // What is probed is not yet a peak.
  const peakWatts = Math.max(faded, seen.watts);
  const probeWatts = Math.max(
    settings.probeShare * (peakWatts - seen.watts),
    settings.heldBackShare * seen.watts,
  );
  const lastWatts = Math.min(node.boundWatts, seen.watts + (isHeldBack ? probeWatts : 0));
  const isLow = !isHeldBack && seen.watts < settings.waitingShare * peakWatts;
  const lowCount = isLow ? known.lowCount + 1 : 0;
  const isWaiting = lowCount >= settings.waitingCount;
  return {
    gang: node.gang,
    peakWatts,
    lastWatts,
    lowCount,
    isWaiting,
    workingWatts: isLow
      ? known.workingWatts
      : [...known.workingWatts, lastWatts].slice(-settings.memoryCount),
    wokeAtMs: known.isWaiting && !isWaiting ? seen.atMs : known.wokeAtMs,
    seenAtMs: seen.atMs,
  };
}

/** What a node is expected to want in the next second, and what it may want at most. */
export interface Need {
  readonly node: PoolNode;
  readonly wantWatts: number;
  readonly mostWatts: number;
  /**
   * Who comes first to what it may want at most, after all have what they want: those that wait while
   * their gang wakes, those that work, those that wait.
   */
  readonly rank: "working" | "waking" | "waiting";
}

/**
 * A working node wants the highest of its last draws. A waiting one lends what it does not draw; when a
 * node of its gang has just woken, the others are likely to follow.
 */
export function needOf(
  node: PoolNode,
  known: KnownNode | undefined,
  now: { readonly atMs: number; readonly gangWokeAtMs: number },
  settings: PoolSettings,
): Need {
  if (known?.gang !== node.gang || now.atMs - known.seenAtMs > settings.staleAfterMs) {
    return needOfUnknown(node);
  }
  const isWaking = now.atMs - now.gangWokeAtMs <= settings.wakingMs;
  const want = known.isWaiting ? known.lastWatts : Math.max(...known.workingWatts);
  const wantWatts = Math.min(node.boundWatts, Math.max(want, node.floorCapWatts));
  const mostWatts = Math.min(node.boundWatts, Math.max(known.peakWatts, wantWatts));
  const asleep = isWaking ? "waking" : "waiting";
  return { node, wantWatts, mostWatts, rank: known.isWaiting ? asleep : "working" };
}

/** Nobody knows what it does: its bound counts. */
export function needOfUnknown(node: PoolNode): Need {
  const { boundWatts } = node;
  return { node, wantWatts: boundWatts, mostWatts: boundWatts, rank: "working" };
}

/** When a node of each gang last woke. */
export function wakings(
  nodes: readonly PoolNode[],
  known: ReadonlyMap<number, KnownNode>,
): ReadonlyMap<number, number> {
  const woke = new Map<number, number>();
  for (const { id, gang } of nodes) {
    const at = known.get(id)?.wokeAtMs ?? -Infinity;
    woke.set(gang, Math.max(at, woke.get(gang) ?? -Infinity));
  }
  return woke;
}
