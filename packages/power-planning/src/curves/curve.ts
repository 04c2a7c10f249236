/** What one GPU of a model does under a cap, for one class of work; measured. */
export interface CapPoint {
  /** The limit set on the hardware, watts. */
  readonly capWatts: number;
  /** Throughput as a part of full throughput, above 0 to 1. */
  readonly speed: number;
  /** Mean draw at this cap, watts: a GPU may draw less than its cap. */
  readonly drawWatts: number;
}

/** Caps rise from point to point, speed and draw never fall, the last point has full speed. */
export interface CapCurve {
  readonly points: readonly CapPoint[];
}

/**
 * Which watts a plan adds up: caps bound the draw at every instant, mean draw (3–5 % below the cap on
 * A100) is what a planned curtailment is measured by.
 */
export type CountedWatts = "cap" | "draw";

/** The watts of a point that a plan adds up. */
export function countedWatts(point: CapPoint, counts: CountedWatts): number {
  return counts === "cap" ? point.capWatts : point.drawWatts;
}
