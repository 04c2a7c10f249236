/** A powered node behind the breaker that the pool shares. All watts are those of the whole node. */
export interface PoolNode {
  readonly id: number;
  /** Nodes of one gang rise and fall together; every node has a gang, if only its own. */
  readonly gang: number;
  /** What it can draw at most without a cap: its rating. */
  readonly boundWatts: number;
  /** The lowest cap it takes. */
  readonly floorCapWatts: number;
  /** The cap in force: the last acknowledged one, or a higher one whose lowering is not acknowledged yet. */
  readonly capInForceWatts: number;
}

/** What the nodes drew since the last call, one second or so. */
export interface PoolMeasurement {
  readonly atMs: number;
  /** Mean draw by node; a node that is missing was not measured. */
  readonly nodeWatts: ReadonlyMap<number, number>;
}

export interface PoolSettings {
  /** A node not measured for longer counts at its bound: it lends nothing. */
  readonly staleAfterMs: number;
  /** Measurements of a working node whose highest counts as its need: most dips are shorter. */
  readonly memoryCount: number;
  /** Below this part of its peak a node waits (for data, for others, at its end), and what it does not draw is lent. */
  readonly waitingShare: number;
  /** And only when it was seen so as many times in a row: a breath is not worth two changes of caps. */
  readonly waitingCount: number;
  /** After one node of a gang has woken, the others are expected to follow for so long. */
  readonly wakingMs: number;
  /** A node within this part of its cap may be held back by it. */
  readonly heldBackShare: number;
  /** A node that is held back counts this part of the way up to its peak. */
  readonly probeShare: number;
  /** A peak fades by this part a measurement, so that one spike is not kept for ever. */
  readonly peakFadeShare: number;
  /** Caps stay where they would move by less than this part of them. */
  readonly stepShare: number;
}

export const defaultPoolSettings: PoolSettings = {
  staleAfterMs: 5_000,
  memoryCount: 14,
  waitingShare: 0.46,
  waitingCount: 3,
  wakingMs: 60_000,
  heldBackShare: 0.006,
  probeShare: 0.3,
  peakFadeShare: 0.000_02,
  stepShare: 0.0003,
};
