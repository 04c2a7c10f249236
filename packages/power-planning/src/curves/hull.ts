import { countedWatts, type CapCurve, type CapPoint, type CountedWatts } from "./curve.ts";

/**
 * The least concave curve not below this one, over the watts that count: a subset of its points. On it
 * each further watt gains no more than the one before, which is what makes filling by gain exact; measured
 * curves are not concave by themselves (A100 pre-training loses more in 400→350 W than in 350→300 W).
 *
 * Of points that count the same watts the fastest stays, so watts rise from point to point.
 */
export function concaveHull(curve: CapCurve, counts: CountedWatts): CapCurve {
  const hull: CapPoint[] = [];
  for (const point of curve.points) {
    while (isUnder(hull, point, counts)) {
      hull.pop();
    }
    hull.push(point);
  }
  return { points: hull };
}

/** Whether the last point of the hull lies on or below the line from the one before it to the next. */
function isUnder(hull: readonly CapPoint[], next: CapPoint, counts: CountedWatts): boolean {
  const middle = hull.at(-1);
  if (middle === undefined) {
    return false;
  }
  const rise = countedWatts(next, counts) - countedWatts(middle, counts);
  if (rise <= 0) {
    return true;
  }
  const low = hull.at(-2);
  if (low === undefined) {
    return false;
  }
  const run = countedWatts(middle, counts) - countedWatts(low, counts);
  return (middle.speed - low.speed) * rise <= (next.speed - middle.speed) * run;
}
