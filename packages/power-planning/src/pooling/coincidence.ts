/** The expected draw of a group of nodes, as it is measured or known from jobs of its class. */
export interface DrawGroup {
  readonly nodeCount: number;
  /** Whether its nodes rise and fall together (one gang) or each by itself. */
  readonly isGang: boolean;
  /** Of one node, watts. */
  readonly meanWatts: number;
  readonly deviationWatts: number;
  readonly peakWatts: number;
  /** What one node draws at least under its lowest cap, watts. */
  readonly floorCapWatts: number;
}

/**
 * What groups draw together but for rare moments: means add up; deviations of nodes inside a gang add up
 * too (measured coincidence 0.987, taken as 1), deviations of independent ones by their squares. Never
 * more than the sum of the peaks.
 */
export function expectedPeakWatts(groups: readonly DrawGroup[], deviationCount: number): number {
  let meanWatts = 0;
  let variance = 0;
  let peakWatts = 0;
  for (const group of groups) {
    const { nodeCount, deviationWatts } = group;
    meanWatts += nodeCount * group.meanWatts;
    peakWatts += nodeCount * group.peakWatts;
    variance += (group.isGang ? nodeCount ** 2 : nodeCount) * deviationWatts ** 2;
  }
  return Math.min(peakWatts, meanWatts + deviationCount * Math.sqrt(variance));
}

export type PoolAdmission =
  | { readonly kind: "fits"; readonly spareWatts: number }
  /** Which of the two does not fit, and by how much. */
  | {
      readonly kind: "expected-too-high" | "floors-do-not-fit";
      readonly missingWatts: number;
    };

/**
 * Whether these groups may run behind one breaker: they are expected to fit, and the hard caps that stand
 * behind that can be lowered until they fit whatever happens.
 */
export function admitGroups(
  groups: readonly DrawGroup[],
  limitWatts: number,
  deviationCount: number,
): PoolAdmission {
  const floorWatts = groups.reduce((sum, group) => sum + group.nodeCount * group.floorCapWatts, 0);
  if (floorWatts > limitWatts) {
    return { kind: "floors-do-not-fit", missingWatts: floorWatts - limitWatts };
  }
  const spareWatts = limitWatts - expectedPeakWatts(groups, deviationCount);
  return spareWatts >= 0
    ? { kind: "fits", spareWatts }
    : { kind: "expected-too-high", missingWatts: -spareWatts };
}
