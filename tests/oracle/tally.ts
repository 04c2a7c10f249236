import type { World } from "./world.ts";

/** Counts over everything observed so far. */
export interface Tally {
  readonly entries: number;
  readonly events: number;
  readonly jobsSubmitted: number;
  readonly jobsUnfinished: number;
  readonly jobsSucceeded: number;
  readonly jobsFailed: number;
  readonly jobsCancelled: number;
  readonly attemptsStarted: number;
  readonly attemptsRunning: number;
  /** Events by kind. */
  readonly byKind: ReadonlyMap<string, number>;
}

export function tallyOf(world: World, entries: number): Tally {
  let [unfinished, succeeded, failed, cancelled] = [0, 0, 0, 0];
  for (const job of world.jobs.values()) {
    if (job.finishedAtMs === undefined) {
      unfinished += 1;
    } else if (job.failedCount > 0) {
      failed += 1;
    } else if (job.cancelledCount > 0) {
      cancelled += 1;
    } else {
      succeeded += 1;
    }
  }
  return {
    entries,
    events: [...world.counts.values()].reduce((sum, count) => sum + count, 0),
    jobsSubmitted: world.jobs.size,
    jobsUnfinished: unfinished,
    jobsSucceeded: succeeded,
    jobsFailed: failed,
    jobsCancelled: cancelled,
    attemptsStarted: world.counts.get("attempt-started") ?? 0,
    attemptsRunning: world.running.size,
    byKind: world.counts,
  };
}
