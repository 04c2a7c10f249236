import type { ReservedNodes } from "@ertis/api";
import { showCount, showTimeOfDay, showWatts } from "../output/format.ts";
import type { Style } from "../terminal/style.ts";

/** What a preview needs to know besides the answer. */
export interface PreviewView {
  readonly style: Style;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly hasHeaders: boolean;
}

/** `2 idle nodes (1.2 kW) for job 7, promised to start 14:20; …` */
export function showReserved({ jobId, startTimeMs, nodeCount, heldWatts }: ReservedNodes): string {
  const nodes = nodeCount === 1 ? "1 idle node" : `${showCount(nodeCount)} idle nodes`;
  return `${nodes} (${showWatts(heldWatts)}) for job ${jobId}, promised to start ${showTimeOfDay(startTimeMs)}; hold or cancel it to free them`;
}
