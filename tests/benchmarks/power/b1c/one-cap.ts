import type { PlantAttempt } from "@ertis/simulator";

/** A job that runs, and the cap that its tier does not fall below. */
export interface Running {
  readonly attempt: PlantAttempt;
  readonly floorCapWatts: number;
}

/** Whole watts, as caps are. */
const capMostWatts = 1_000;

/**
 * Speed that the same jobs would have, in GPUs at full speed, if all of them had one cap, floors kept, that
 * draws what they draw now: found by who knows what every job draws at every cap, without delay or margin.
 */
export function oneCapGpus(jobs: readonly Running[]): number {
  const drawnWatts = sumOf(jobs, ({ attempt }) => attempt.gpuDrawn.watts * gpusOf(attempt));
  let low = 0;
  let high = capMostWatts;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sumOf(jobs, (one) => wattsAt(one, middle)) <= drawnWatts) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return sumOf(jobs, (one) => curveOf(one.attempt).speedAt(capOf(one, low)) * gpusOf(one.attempt));
}

export function gpusOf({ job, nodes }: PlantAttempt): number {
  return nodes.length * job.gpusPerNode;
}

export function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function wattsAt(one: Running, cap: number): number {
  const { attempt } = one;
  const curve = curveOf(attempt);
  const inForce = attempt.appliedCapWatts[0] ?? 0;
  // Beside its curve, dips included, it draws as much more or less as it does now.
  const ratio = attempt.gpuDrawn.watts / curve.drawAt(inForce);
  const watts = capOf(one, cap);
  return Math.min(watts, curve.drawAt(watts) * ratio) * gpusOf(attempt);
}

function capOf({ attempt, floorCapWatts }: Running, cap: number): number {
  return Math.min(curveOf(attempt).highestCapWatts, Math.max(cap, floorCapWatts));
}

function curveOf({ curve, key }: PlantAttempt): NonNullable<PlantAttempt["curve"]> {
  if (curve === undefined) {
    throw new Error(`job ${key.job} takes no caps`);
  }
  return curve;
}
