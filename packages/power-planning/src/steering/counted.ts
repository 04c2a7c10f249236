import type { Belief } from "./belief.ts";
import { boundWatts, expectedWatts } from "./candidate.ts";
import { hasDipped, isFresh } from "./departure.ts";
import { beliefOf, type KnownJob, type Knowledge } from "./knowledge.ts";
import type { Measurement, SteerJob } from "./plan.ts";

/**
 * What the period just over counts in its window, watts: what was drawn; but a job that has dipped or
 * is paused counts as if it had run, and one that was not measured counts at its bound. So nothing of
 * a dip is handed to others, not even within the minute.
 */
export function countedWatts(
  jobs: readonly SteerJob[],
  before: Knowledge,
  after: Knowledge,
  measurement: Measurement,
): number {
  const rest = measurement.restWatts ?? measurement.restBoundWatts;
  return jobs.reduce((sum, job) => {
    const known = after.jobs.get(job.id);
    // Expected as it was before this period taught anything: the two are compared, not mixed.
    const belief = beliefOf(before, before.jobs.get(job.id));
    return sum + countedOf(job, known, belief, measurement);
  }, rest);
}

function countedOf(
  job: SteerJob,
  known: KnownJob | undefined,
  belief: Belief,
  measurement: Measurement,
): number {
  const measured = measurement.jobWatts.get(job.id);
  if (job.presence === "released" || job.presence === "returning") {
    return measured ?? 0;
  }
  const cap = job.capInForceWatts;
  if (job.presence === "paused") {
    return Math.max(measured ?? 0, expectedWatts(job, cap, belief));
  }
  if (measured === undefined) {
    return boundWatts(job, cap, belief);
  }
  return hasDipped(known) || isFresh(job, measurement)
    ? Math.max(measured, expectedWatts(job, cap, belief))
    : measured;
}
