import { capStepWatts } from "../power/curves.ts";

/**
 * What is found at the highest cap below full power at which anything is, in steps from a floor; a floor
 * of 0 is no cap, and tried alone. Whatever is found at a cap is found at every lower one.
 */
export function highestCapWith<Found>(
  floorWatts: number,
  highestWatts: number,
  findAt: (capWatts: number) => Found | undefined,
): Found | undefined {
  let best = findAt(floorWatts);
  let low = 0;
  let high = floorWatts === 0 ? 0 : Math.floor((highestWatts - 1 - floorWatts) / capStepWatts);
  while (best !== undefined && low < high) {
    const middle = Math.ceil((low + high) / 2);
    const found = findAt(floorWatts + middle * capStepWatts);
    if (found === undefined) {
      high = middle - 1;
    } else {
      best = found;
      low = middle;
    }
  }
  return best;
}
