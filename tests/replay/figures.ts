import type { JobFacts } from "./run-facts.ts";

/** Jobs shorter than this count as this long in the bounded slowdown. */
const slowdownThresholdMs = 10_000;

export interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** What became of the jobs of a run: all in virtual time, so that the same seed gives the same figures. */
export interface JobFigures {
  readonly jobCount: number;
  readonly succeededCount: number;
  readonly failedCount: number;
  /** Failed jobs by category. */
  readonly failedByCategory: Readonly<Record<string, number>>;
  readonly unfinishedCount: number;
  /** From the submit to the placement. */
  readonly waitSeconds: Spread;
  /** max(1, (wait + run) / max(run, 10 s)), run from the placement to the exit. */
  readonly boundedSlowdown: Spread;
  readonly gpuHours: number;
  /** As measured by the simulated cluster: draw above idle and the idle share of the GPUs held. */
  readonly measuredKilowattHours: number;
  /** Reserved watts × time held, until the last node was confirmed free: never below what was used above idle. */
  readonly reservedKilowattHours: number;
  /** From the first submit to the last exit. */
  readonly spanMs: number;
  /** GPUs held by jobs, on average over the span. */
  readonly meanGpusHeld: number;
}

/** The n-th of sorted values that `share` of them do not exceed (nearest rank); 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    mean: sorted.length === 0 ? 0 : sum / sorted.length,
    median: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    max: sorted.at(-1) ?? 0,
  };
}

export function boundedSlowdown(waitMs: number, runMs: number): number {
  return Math.max(1, (waitMs + runMs) / Math.max(runMs, slowdownThresholdMs));
}

const msPerHour = 3_600_000;
const joulesPerKilowattHour = 3_600_000;

export function figuresOf(facts: Iterable<JobFacts>): JobFigures {
  const jobs = [...facts];
  const waitSeconds: number[] = [];
  const slowdowns: number[] = [];
  const failedByCategory: Record<string, number> = {};
  let succeededCount = 0;
  let gpuMs = 0;
  let measuredJoules = 0;
  let reservedJoules = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const job of jobs) {
    firstMs = Math.min(firstMs, job.submittedAtMs);
    if (job.placedAtMs === undefined || job.exitedAtMs === undefined) {
      continue;
    }
    const waitMs = job.placedAtMs - job.submittedAtMs;
    const runMs = job.exitedAtMs - job.placedAtMs;
    lastMs = Math.max(lastMs, job.exitedAtMs);
    waitSeconds.push(waitMs / 1_000);
    slowdowns.push(boundedSlowdown(waitMs, runMs));
    gpuMs += runMs * job.gpuCount;
    measuredJoules += job.energyJoules;
    reservedJoules +=
      (job.powerReservedWatts * ((job.releasedAtMs ?? job.exitedAtMs) - job.placedAtMs)) / 1_000;
    if (job.outcome === "failed") {
      failedByCategory[job.failureCategory] = (failedByCategory[job.failureCategory] ?? 0) + 1;
    } else {
      succeededCount += 1;
    }
  }
  const spanMs = Math.max(lastMs - firstMs, 0);
  return {
    jobCount: jobs.length,
    succeededCount,
    failedCount: waitSeconds.length - succeededCount,
    failedByCategory,
    unfinishedCount: jobs.length - waitSeconds.length,
    waitSeconds: spreadOf(waitSeconds),
    boundedSlowdown: spreadOf(slowdowns),
    gpuHours: gpuMs / msPerHour,
    measuredKilowattHours: measuredJoules / joulesPerKilowattHour,
    reservedKilowattHours: reservedJoules / joulesPerKilowattHour,
    spanMs,
    meanGpusHeld: spanMs === 0 ? 0 : gpuMs / spanMs,
  };
}
