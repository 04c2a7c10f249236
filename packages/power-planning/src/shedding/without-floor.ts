import { lowestCapOf } from "../curves/restrict.ts";
import type { ShedJob } from "./shed-problem.ts";

/** A job whose floor was given up: it may lose everything, and its cap fall as low as caps are safe. */
export function withoutFloor(job: ShedJob): ShedJob {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  const highest = job.curve.points.at(-1)?.capWatts ?? lowest;
  return {
    ...job,
    tierLossMax: 1,
    isProtected: false,
    floorCapWatts: Math.min(highest, lowestCapOf(job.curve, lowest)),
    lossMsSoFar: 0,
  };
}
