import { capStepWatts } from "../power/shedding/curves.ts";
import { largestWith } from "./largest-with.ts";

/** Caps below full power, in steps from a floor; a floor of 0 is no cap, and tried alone. */
export interface CapRange {
  readonly floorWatts: number;
  readonly highestWatts: number;
}

/** Where a slower gang may run into what comes later. */
export interface CapWindows {
  readonly endsByMs: (capWatts: number) => number;
  readonly momentsMs: readonly number[];
}

const oneWindow: CapWindows = { endsByMs: () => 0, momentsMs: [] };

/** What is found at the highest cap at which anything is, within each window from the lowest up (`largestWith`). */
export function highestCapWith<Found>(
  { floorWatts, highestWatts }: CapRange,
  findAt: (capWatts: number) => Found | undefined,
  { endsByMs, momentsMs }: CapWindows = oneWindow,
): Found | undefined {
  const capAt = (step: number): number => floorWatts + step * capStepWatts;
  const stepCount = Math.floor((highestWatts - 1 - floorWatts) / capStepWatts);
  const tried = {
    low: 0,
    high: floorWatts === 0 ? 0 : Math.max(0, stepCount),
    endsByMs: (step: number) => endsByMs(capAt(step)),
    momentsMs,
  };
  return largestWith(tried, (step) => findAt(capAt(step)));
}
