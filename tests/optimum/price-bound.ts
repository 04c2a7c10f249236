import { countedWatts, type FillProblem } from "@ertis/power-planning";

/**
 * An upper bound on the weighted speed that fits: with any prices on the watts of the domains, no filling
 * is worth more than all rooms at their prices and what each job, paying them, is best at. Prices
 * move towards where rooms are just used, in steps that a worth known to be possible sizes (Polyak); the
 * best bound met counts. Bounds concave hulls, so curves
 * between their points and mixes of caps as well.
 */
export function priceBound(problem: FillProblem, knownWorth: number): number {
  const prices = new Float64Array(problem.roomScaled.length);
  let bound = Infinity;
  for (let round = 0; round < roundCount; round++) {
    const { worth, usedScaled } = answerTo(problem, prices);
    bound = Math.min(bound, worth);
    const gaps = usedScaled.map((used, at) => used - (problem.roomScaled[at] ?? 0));
    const size = gaps.reduce((sum, gap) => sum + gap * gap, 0);
    // Nothing is over and everything priced is used up: the bound is met.
    if (size < 1e-12) {
      break;
    }
    const step = (worth - knownWorth) / size;
    for (const [at, gap] of gaps.entries()) {
      prices[at] = Math.max(0, (prices[at] ?? 0) + step * gap);
    }
  }
  return bound;
}

const roundCount = 1000;

function answerTo(
  { jobs, roomScaled, counts }: FillProblem,
  prices: Float64Array,
): { readonly worth: number; readonly usedScaled: Float64Array } {
  let worth = roomScaled.reduce((sum, room, at) => sum + room * (prices[at] ?? 0), 0);
  const usedScaled = new Float64Array(roomScaled.length);
  for (const { curve, weight, floorCapWatts, domains, scaledPerGpuWatt } of jobs) {
    let wattPrice = 0;
    for (const [slot, domain] of domains.entries()) {
      wattPrice += (prices[domain] ?? 0) * (scaledPerGpuWatt[slot] ?? 0);
    }
    let best = -Infinity;
    let bestWatts = 0;
    for (const point of curve.points.filter(({ capWatts }) => capWatts >= floorCapWatts)) {
      const watts = countedWatts(point, counts);
      if (weight * point.speed - wattPrice * watts > best) {
        best = weight * point.speed - wattPrice * watts;
        bestWatts = watts;
      }
    }
    worth += best;
    for (const [slot, domain] of domains.entries()) {
      usedScaled[domain] = (usedScaled[domain] ?? 0) + bestWatts * (scaledPerGpuWatt[slot] ?? 0);
    }
  }
  return { worth, usedScaled };
}
