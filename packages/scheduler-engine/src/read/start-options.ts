import { toNumber } from "@ertis/quantities";
import { curveOf, floorCap, speedUnder } from "../power/curves.ts";
import { endAt } from "../power/work.ts";
import type { Job } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";
import { type Endings, endingsOf } from "./endings.ts";
import { startLowerBoundMs } from "./start-bound.ts";

/** A start at one cap: what waiting for watts is worth. */
export interface StartOption {
  /** Of every GPU; 0: full power. */
  readonly capWatts: number;
  /** Speed at that cap in thousandths of full speed. */
  readonly speedPermille: number;
  /** No start before this; undefined: not even the end of all that runs makes room. */
  readonly startLowerBoundMs: number | undefined;
  /** When its walltime would be over then, were the cap never raised. */
  readonly endsByMs: number | undefined;
}

/** Caps that are looked at: full power and at most this many below. */
const capsMax = 6;

/**
 * Lower bounds of the start at full power and at each useful cap, the highest first: the measured
 * points of the job's curve down to the lowest cap it tolerates. Empty where it cannot be capped.
 */
export function startOptions(
  pool: Pool,
  job: Job,
  nowMs: number,
  endings: Endings = endingsOf(pool.site, nowMs),
): readonly StartOption[] {
  const { spec } = job;
  const floorCapWatts = floorCap(pool, spec);
  const curve = curveOf(pool, spec.workloadClass);
  if (floorCapWatts === 0 || curve === undefined) {
    return [];
  }
  const top = pool.gpuCap?.highestWatts ?? 0;
  const measured = curve.points
    .map((point) => point.capWatts)
    .filter((capWatts) => capWatts > floorCapWatts && capWatts < top)
    .toReversed();
  return [0, ...measured.slice(0, capsMax - 1), floorCapWatts].map((capWatts) => {
    const speed = speedUnder(curve, capWatts);
    const walltimeMs = endAt(0, toNumber(spec.walltime), speed);
    const gang = {
      nodeCount: spec.nodeCount,
      gpusPerNode: spec.gpusPerNode,
      walltimeMs,
      capWatts,
      floorCapWatts,
    };
    const bound = startLowerBoundMs(pool, gang, nowMs, endings);
    return {
      capWatts,
      speedPermille: Math.floor(speed * 1000),
      startLowerBoundMs: bound,
      endsByMs: bound === undefined ? undefined : bound + walltimeMs,
    };
  });
}
