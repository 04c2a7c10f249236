import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import type { WayBack } from "./way-back.ts";

/** How one job works. */
export interface Pace {
  readonly job: SimulatedJob;
  /** It lost nothing before this moment that is not counted. */
  sinceMs: number;
  /** Part of full speed that its nodes work at, were it not paused. */
  speed: number;
  readonly nodeCount: number;
  /**
   * By curtailment: nodes it had before that took some of them. It may have started on fewer than it asks
   * for, and what an earlier one took and it has not got again is no loss to a later one.
   */
  readonly nodeCountBefore: Map<string, number>;
  /** Those that were over it when it gave nodes back. */
  readonly gaveBelow: Set<string>;
  readonly gpuModel: string;
  /** Domains above any of its nodes: a gang has one cap, and stops as a whole. */
  readonly domains: ReadonlySet<string>;
  isPaused: boolean;
  /**
   * Back in the queue after a pause: what has not begun by the time at which all watts are back that the pause
   * was for has no part in how long it waits there. Infinity: it is to stay paused.
   */
  waitsFromMs: number;
  /** Until then it reads its checkpoint back. */
  readonly restoredAtMs: number;
  isRunning: boolean;
  /** The planned one for which it was stopped last. */
  stoppedFor: string | undefined;
  /** One that is over and gave its floor up, from which it is not back yet. */
  wayBack: WayBack | undefined;
}

/** Curtailments below which it gave nodes back that it goes on without: it loses them to those, wherever it runs now. */
export function withoutBelow({ gaveBelow, nodeCount, nodeCountBefore }: Pace): ReadonlySet<string> {
  return gaveBelow.size === 0
    ? gaveBelow
    : new Set([...gaveBelow].filter((id) => nodeCount < (nodeCountBefore.get(id) ?? 0)));
}
