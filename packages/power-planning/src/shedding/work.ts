/**
 * What planning has taken so far, counted in jobs that were looked at and not in time: who makes plan after plan stops after
 * so much of it, and at the same place whenever the same is decided again. Only what one decision adds to it means anything.
 */
let countedJobs = 0;

export function countWork(jobsCount: number): void {
  countedJobs += jobsCount;
}

export function workCounted(): number {
  return countedJobs;
}
