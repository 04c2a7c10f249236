import type { Outcome } from "./outcome.ts";
import { countText, momentText, numberText } from "../words/words.ts";

/** What a reader must know about how a run ended; undefined when every job is over. */
export function endingText({ ending, jobs, title, endMs }: Outcome): string | undefined {
  const count = jobsText(jobs.unfinishedCount);
  switch (ending) {
    case "all-over":
      return undefined;
    case "horizon":
      return jobs.unfinishedCount === 0
        ? undefined
        : `${title}: stopped at its horizon with ${count} unfinished.`;
    case "stalled":
      return `${title}: stalled at ${momentText(endMs)}: nothing runs any more, nothing is to come, and ${count} ${jobs.unfinishedCount === 1 ? "waits" : "wait"} for more than the site and its budget will ever give. Figures end there. Give it more watts to see them run.`;
    case "stuck":
      return `${title}: broken off at ${momentText(endMs)} with ${count} unfinished: the scheduler did not come to rest.`;
  }
}

/** What tells whether a run is the one that was asked for. */
export interface RefusedInRun {
  readonly title: string;
  /** Jobs and orders of the events. */
  readonly refusedCount: number;
  readonly refusedJobCount: number;
  readonly jobs: { readonly submittedCount: number };
}

/**
 * Why a run is not the one that was asked for, however well it went: an order of the events was refused, or all jobs
 * were. Undefined: it is.
 */
export function notAskedForText(run: RefusedInRun): string | undefined {
  const { title, jobs, refusedCount, refusedJobCount } = run;
  const orderCount = refusedCount - refusedJobCount;
  if (refusedJobCount > 0 && jobs.submittedCount === 0) {
    return `${title}: every job was refused, so that nothing was simulated.`;
  }
  return orderCount === 0
    ? undefined
    : `${title}: ${orderCount === 1 ? "an order" : `${countText(orderCount)} orders`} of the events ${orderCount === 1 ? "was" : "were"} refused, so that this is not the run that was asked for.`;
}

/** Of so many jobs that are left a reader is told why. */
const leftShownMax = 10;

/** One line a job that is left, with what the scheduler says of it. */
export function leftJobLines({ leftJobs, jobs }: Outcome): readonly string[] {
  const shown = leftJobs.slice(0, leftShownMax);
  const more = jobs.unfinishedCount - shown.length;
  return [
    ...shown.map(
      ({ job, name, gpuCount, why }) =>
        `job ${job} (${name}, ${gpuCount} ${gpuCount === 1 ? "GPU" : "GPUs"}) ${why}`,
    ),
    ...(more > 0 && shown.length > 0 ? [`and ${jobsText(more)} more`] : []),
  ];
}

/** Why runs do not compare: a job that never ended has no wait, and a broken promise no price. */
export function obstaclesOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ title, jobs, violationCount }) => [
    ...(jobs.unfinishedCount > 0
      ? [`${title} has ${jobsText(jobs.unfinishedCount)} unfinished`]
      : []),
    ...(violationCount > 0
      ? [`${title} broke ${violationCount === 1 ? "a promise" : `${violationCount} promises`}`]
      : []),
  ]);
}

export function notComparedText(obstacles: readonly string[]): string {
  return `These runs do not compare: ${obstacles.join(", ")}.`;
}

function jobsText(jobCount: number): string {
  return jobCount === 1 ? "1 job" : `${numberText(jobCount).replace(/\.\d+$/, "")} jobs`;
}
