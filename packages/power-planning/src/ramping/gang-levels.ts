/** A point on a gang's way from idle to its cap. */
export interface GangLevel {
  /** What the whole gang draws above idle. */
  readonly watts: number;
  /** Cap of every one of its GPUs; 0: none works. */
  readonly capWatts: number;
}

export interface GangSteps {
  readonly nodeCount: number;
  readonly floorCapWatts: number;
  readonly wantedCapWatts: number;
  readonly capStepWatts: number;
  /** Draw of one node above idle when its GPUs work under a cap. */
  readonly nodeWattsAt: (capWatts: number) => number;
}

/**
 * The levels of a gang, from idle upward: all nodes at the floor cap, for they never start or stop one
 * by one, then the cap of all in even steps. Levels rise strictly in watts.
 */
export function levelsOf(gang: GangSteps): readonly GangLevel[] {
  const { nodeCount, floorCapWatts, wantedCapWatts, capStepWatts } = gang;
  const atFloor = gang.nodeWattsAt(floorCapWatts) * nodeCount;
  const levels: GangLevel[] = [
    { watts: 0, capWatts: 0 },
    { watts: atFloor, capWatts: floorCapWatts },
  ];
  for (let cap = floorCapWatts; cap < wantedCapWatts;) {
    cap = Math.min(wantedCapWatts, cap + capStepWatts);
    const watts = gang.nodeWattsAt(cap) * nodeCount;
    // A cap that work does not reach changes nothing: the level before may have it for free.
    if (watts > (levels.at(-1)?.watts ?? 0)) {
      levels.push({ watts, capWatts: cap });
    } else {
      levels[levels.length - 1] = { watts: levels.at(-1)?.watts ?? 0, capWatts: cap };
    }
  }
  return levels;
}
