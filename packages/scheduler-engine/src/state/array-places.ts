import type { Job } from "./job.ts";
import { hasTask } from "./task-ranges.ts";

/** By the throttle of an array. */
export function mayRunMore(job: Job): boolean {
  const { taskThrottle } = job.spec;
  return taskThrottle === 0 || job.runningCount + keptTaskCount(job) < taskThrottle;
}

/**
 * Tasks that are paused come back before others of their array start: beside a throttle they keep their places, which a
 * task that is yet to begin would have for as long as it runs.
 */
export function keptTaskCount(job: Job): number {
  const { pending, pausedTasks, returningTasks, active } = job;
  if (!hasPaused(job) || returningTasks.some((task) => hasTask(pending, task))) {
    return 0;
  }
  const isToCome = (task: number): boolean =>
    hasTask(pending, task) || active?.get(task)?.isRetried === true;
  return [...pausedTasks, ...returningTasks].filter(isToCome).length;
}

export function hasPaused({ pausedTasks, returningTasks }: Job): boolean {
  return pausedTasks.length > 0 || returningTasks.length > 0;
}
