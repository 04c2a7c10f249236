import { levelsOf, stepWattsMax, type GangLevel, type RampLimit } from "@ertis/power-planning";

/** Sixteen gangs of 64 nodes with eight H100 each, 7.2 MW in all. */
export const gangCount = 16;
export const roundCount = 10;
export const roundSeconds = 57 * 60;

/** 7.2 MW ÷ 1,024 nodes; idle and training draw of an immersed node: MLPerf Training v4.0. */
const nodeFullWatts = 7_200_000 / (gangCount * 64);
const nodeIdleWatts = 2_200;
const capFloorWatts = 350;
const capFullWatts = 700;

/**
 * Speed of a Hopper GPU under a cap. Points of MLPerf Inference v4.1 (H200, 350, 500 and 700 W), the
 * slowest of their class: lower bounds, since those runs trim clocks and fans as well.
 */
const speeds = [
  [350, 0.65],
  [500, 0.8],
  [700, 1],
] as const;

export function speedAt(capWatts: number): number {
  for (const [at, [cap, speed]] of speeds.entries()) {
    const [nextCap, nextSpeed] = speeds[at + 1] ?? [cap, speed];
    if (capWatts < nextCap) {
      return speed + ((nextSpeed - speed) * (capWatts - cap)) / (nextCap - cap);
    }
  }
  return 1;
}

/** A GPU's watts below its highest cap are taken off the node's full draw. */
function nodeWattsAt(capWatts: number): number {
  return nodeFullWatts - nodeIdleWatts - 8 * (capFullWatts - capWatts);
}

export function gangLevels(limit: RampLimit): readonly GangLevel[] {
  return levelsOf({
    nodeCount: 64,
    gpusPerNode: 8,
    floorCapWatts: capFloorWatts,
    wantedCapWatts: capFullWatts,
    capStepWatts: 10,
    nodeWattsAt,
    stepWattsMax: stepWattsMax(limit),
  });
}

export const gangIdleWatts: number = nodeIdleWatts * 64;

/** Lengths at full speed, in seconds: 57 minutes ± 50 %, even. One list for each gang. */
export function drawRounds(random: () => number): readonly (readonly number[])[] {
  return Array.from({ length: gangCount }, () =>
    Array.from({ length: roundCount }, () => Math.round(roundSeconds * (0.5 + random()))),
  );
}
