/** A point on a gang's way from idle to its wanted cap. All watts are of the whole gang. */
export interface GangLevel {
  /** What the gang draws above idle. */
  readonly watts: number;
  /** Nodes on which it works; all of them from the first cap above the floor on. */
  readonly nodeCount: number;
  /** Cap of every GPU that works; 0: none does. */
  readonly capWatts: number;
}

export interface GangSteps {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly floorCapWatts: number;
  readonly wantedCapWatts: number;
  readonly capStepWatts: number;
  /** Draw of one node above idle when its GPUs work under a cap. */
  readonly nodeWattsAt: (capWatts: number) => number;
  /** The largest step that may ever be made at once (`stepWattsMax` of the tightest domain). */
  readonly stepWattsMax: number;
}

/**
 * The levels of a gang, from idle upward: first its nodes at the floor cap, in as few releases as
 * the ramp allows, then the cap of all in even steps. Levels rise strictly in watts.
 */
export function levelsOf(gang: GangSteps): readonly GangLevel[] {
  const { nodeCount, floorCapWatts, wantedCapWatts, capStepWatts } = gang;
  const atFloor = gang.nodeWattsAt(floorCapWatts);
  const nodesAtOnce = Math.max(1, Math.floor(gang.stepWattsMax / Math.max(atFloor, 1e-9)));
  const levels: GangLevel[] = [{ watts: 0, nodeCount: 0, capWatts: 0 }];
  for (let released = 0; released < nodeCount;) {
    released = Math.min(nodeCount, released + nodesAtOnce);
    levels.push({ watts: atFloor * released, nodeCount: released, capWatts: floorCapWatts });
  }
  for (let cap = floorCapWatts; cap < wantedCapWatts;) {
    cap = Math.min(wantedCapWatts, cap + capStepWatts);
    const watts = gang.nodeWattsAt(cap) * nodeCount;
    // A cap that work does not reach changes nothing: the level before may have it for free.
    if (watts > (levels.at(-1)?.watts ?? 0)) {
      levels.push({ watts, nodeCount, capWatts: cap });
    } else {
      levels[levels.length - 1] = { watts: levels.at(-1)?.watts ?? 0, nodeCount, capWatts: cap };
    }
  }
  return levels;
}

/** The highest level, from `from` up to `wanted`, that so much room allows. */
export function highestLevel(
  levels: readonly GangLevel[],
  {
    from,
    wanted,
    upWatts,
  }: { readonly from: number; readonly wanted: number; readonly upWatts: number },
): number {
  const fromWatts = levels[from]?.watts ?? 0;
  let level = from;
  while (level < wanted && (levels[level + 1]?.watts ?? Infinity) - fromWatts <= upWatts) {
    level += 1;
  }
  return level;
}
