import type { JobRecord } from "./job-record.ts";

export interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number =>
    sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
  let sum = 0;
  for (const value of sorted) {
    sum += value;
  }
  return {
    mean: sorted.length === 0 ? 0 : sum / sorted.length,
    median: at(0.5),
    p95: at(0.95),
    max: sorted.at(-1) ?? 0,
  };
}

/**
 * From the submit to the end beside what the job needs at full speed on all of its nodes, jobs shorter
 * than the threshold counting as that long. A slower job has a larger one, a waiting job too.
 */
function boundedSlowdown(
  { turnaroundMs, fullSpeedMs }: { readonly turnaroundMs: number; readonly fullSpeedMs: number },
  thresholdMs: number,
): number {
  return Math.max(1, turnaroundMs / Math.max(fullSpeedMs, thresholdMs));
}

/** What became of the jobs of a run, in the world's time. */
export interface JobFigures {
  readonly submittedCount: number;
  readonly succeededCount: number;
  readonly failedCount: number;
  readonly failedByCategory: Readonly<Record<string, number>>;
  readonly unfinishedCount: number;
  /** Those of whom waits and slowdowns are. */
  readonly endedCount: number;
  readonly cappedCount: number;
  readonly shrunkCount: number;
  readonly retriedCount: number;
  readonly waitSeconds: Spread;
  readonly slowdown10s: Spread;
  readonly slowdown600s: Spread;
  /** How much longer than at full speed those that ended well ran, as a part. */
  readonly stretch: Spread;
}

export function figuresOf(records: readonly JobRecord[]): JobFigures {
  const waits: number[] = [];
  const short: number[] = [];
  const long: number[] = [];
  const stretches: number[] = [];
  const failedByCategory: Record<string, number> = {};
  const counts = { succeeded: 0, failed: 0, cancelled: 0, capped: 0, shrunk: 0, retried: 0 };
  for (const record of records) {
    const { job, firstStartAtMs, endedAtMs, submittedAtMs } = record;
    counts.capped += record.lowestCapWatts > 0 ? 1 : 0;
    counts.shrunk += record.nodeCountLeast < job.nodeCount ? 1 : 0;
    counts.retried += record.attemptCount > 1 ? 1 : 0;
    if (firstStartAtMs === undefined || endedAtMs === undefined || record.outcome === undefined) {
      continue;
    }
    counts[record.outcome] += 1;
    if (record.outcome === "failed") {
      const { failureCategory } = record;
      failedByCategory[failureCategory] = (failedByCategory[failureCategory] ?? 0) + 1;
    }
    const turnaroundMs = endedAtMs - submittedAtMs;
    waits.push((firstStartAtMs - submittedAtMs) / 1_000);
    short.push(boundedSlowdown({ turnaroundMs, fullSpeedMs: job.durationMs }, 10_000));
    long.push(boundedSlowdown({ turnaroundMs, fullSpeedMs: job.durationMs }, 600_000));
    if (record.outcome === "succeeded") {
      stretches.push((endedAtMs - firstStartAtMs) / job.durationMs - 1);
    }
  }
  return {
    submittedCount: records.length,
    succeededCount: counts.succeeded,
    failedCount: counts.failed,
    failedByCategory,
    unfinishedCount: records.length - waits.length,
    endedCount: waits.length,
    cappedCount: counts.capped,
    shrunkCount: counts.shrunk,
    retriedCount: counts.retried,
    waitSeconds: spreadOf(waits),
    slowdown10s: spreadOf(short),
    slowdown600s: spreadOf(long),
    stretch: spreadOf(stretches),
  };
}
