import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";

/**
 * The most a powered-on node of a class may draw, by the number of its GPUs that attempts hold:
 * idle for none, peak for all, and in between idle + the allocated share of (peak - idle) where the
 * class enforces it, else the peak. Rounded up: a bound errs to the safe side.
 *
 * @returns watts, one entry for each count from 0 to `gpuCount`
 */
export function boundWattsByGpusHeld(nodeClass: NodeClass): Float64Array {
  const idle = toNumber(nodeClass.idleWatts);
  const peak = toNumber(nodeClass.peakWatts);
  const table = new Float64Array(nodeClass.gpuCount + 1);
  for (let held = 0; held <= nodeClass.gpuCount; held += 1) {
    const share = Math.ceil(((peak - idle) * held) / nodeClass.gpuCount);
    table[held] = held === 0 ? idle : nodeClass.partUse === "share" ? idle + share : peak;
  }
  return table;
}

/** GPUs in a mask of up to 16 bits. */
export function gpuCountOf(mask: number): number {
  let rest = mask;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
}

/** The lowest `count` free GPUs beside those in `usedMask`. */
export function lowestFreeMask(usedMask: number, count: number): number {
  let mask = 0;
  let left = count;
  for (let bit = 1; left > 0; bit <<= 1) {
    if ((usedMask & bit) === 0) {
      mask |= bit;
      left -= 1;
    }
  }
  return mask;
}
