import { lowestCapOf } from "../curves/restrict.ts";
import type { ShedJob } from "./shed-problem.ts";

/** Speed of who was protected is worth so much more: prices of all others lie far below. */
const worthOfProtected = 10_000;

/**
 * A job whose floor was given up: it may lose everything, and its cap fall as low as caps are safe. Who was
 * protected is asked only where everybody else is not enough.
 */
export function withoutFloor(job: ShedJob): ShedJob {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  const highest = job.curve.points.at(-1)?.capWatts ?? lowest;
  const { isProtected, weight, floorCapWatts, lossMsSoFar } = job;
  return {
    ...job,
    givenUp: job.givenUp ?? {
      tierLossMax: job.tierLossMax,
      isProtected,
      weight,
      floorCapWatts,
      lossMsSoFar,
    },
    tierLossMax: 1,
    isProtected: false,
    weight: isProtected ? weight * worthOfProtected : weight,
    ownWeight: isProtected ? weight : job.ownWeight,
    floorCapWatts: Math.min(highest, lowestCapOf(job.curve, lowest)),
    lossMsSoFar: 0,
    longer: undefined,
  };
}
