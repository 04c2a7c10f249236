import type { SimulatedJob } from "../scenario/draw-jobs.ts";

/** A curtailment that is over and gave floors up, from which a job is not back. */
export interface WayBack {
  readonly id: string;
  /** By then it has let all caps rise. */
  readonly capsUntilMs: number;
}

/** How one job works, as far as it matters on its way back. */
interface Slowed {
  readonly job: SimulatedJob;
  /** Part of full speed that its nodes work at. */
  readonly speed: number;
  readonly nodeCount: number;
  readonly nodeCountBefore: ReadonlyMap<string, number>;
  readonly isPaused: boolean;
  readonly restoredAtMs: number;
}

/** Away, reading its checkpoint back, or slower than its tier allows: what gave its floor up still costs it that when it is over. */
export function isOnWayBack(pace: Slowed, from: WayBack, atMs: number): boolean {
  return pace.isPaused || atMs < pace.restoredAtMs || atMs < slowUntilMs(pace, from);
}

/** Until when it may be slower for that, once it runs: on fewer nodes for as long as it takes, by caps as long as they rise. */
export function slowUntilMs(
  { job, speed, nodeCount, nodeCountBefore }: Omit<Slowed, "isPaused" | "restoredAtMs">,
  { id, capsUntilMs }: WayBack,
): number {
  const isFewer = nodeCount < (nodeCountBefore.get(id) ?? 0);
  const isBelowFloor = 1 - speed > job.flexibilityTier / 100;
  return isFewer ? Infinity : isBelowFloor ? capsUntilMs : -Infinity;
}
