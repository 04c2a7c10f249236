import type { SimulatedJob } from "@ertis/simulator";

export interface JobEnd {
  readonly job: SimulatedJob;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** What one run of a policy gave. */
export interface RunResult {
  /** Of jobs that ended; the others are in no mean. */
  readonly ends: readonly JobEnd[];
  /** GPU-ms at full speed that were done, also by jobs that still ran at the end. */
  readonly workGpuMs: number;
  /** Bounds over time: the highest that could have been drawn. */
  readonly joules: number;
  readonly violationCount: number;
}

/** The figures by which policies are compared. */
export interface PolicyFigures {
  readonly endedCount: number;
  /** They never ran, or ran still at the end: no mean below knows of them. */
  readonly unfinishedCount: number;
  readonly slowdown10s: number;
  readonly slowdown600s: number;
  readonly slowdown10sP95: number;
  readonly waitSeconds: number;
  readonly waitSecondsP95: number;
  /** Full-speed GPU-hours. */
  readonly gpuHours: number;
  readonly violationCount: number;
}

/** `jobCount`: how many were submitted. */
export function figuresOf(result: RunResult, jobCount: number): PolicyFigures {
  const short: number[] = [];
  const long: number[] = [];
  const waits: number[] = [];
  for (const { job, startedAtMs, endedAtMs } of result.ends) {
    const turnaroundMs = endedAtMs - job.submittedAtMs;
    short.push(Math.max(1, turnaroundMs / Math.max(job.durationMs, 10_000)));
    long.push(Math.max(1, turnaroundMs / Math.max(job.durationMs, 600_000)));
    waits.push((startedAtMs - job.submittedAtMs) / 1_000);
  }
  return {
    endedCount: result.ends.length,
    unfinishedCount: jobCount - result.ends.length,
    slowdown10s: meanOf(short),
    slowdown600s: meanOf(long),
    slowdown10sP95: percentile(short, 0.95),
    waitSeconds: meanOf(waits),
    waitSecondsP95: percentile(waits, 0.95),
    gpuHours: result.workGpuMs / 3_600_000,
    violationCount: result.violationCount,
  };
}

/** How many jobs the figures of each run are of. */
export function endedText(figures: readonly PolicyFigures[]): string {
  const ended = figures.map(
    ({ endedCount, unfinishedCount }) => `${endedCount} of ${endedCount + unfinishedCount}`,
  );
  const unfinished = figures.reduce((sum, one) => sum + one.unfinishedCount, 0);
  return `ended ${[...new Set(ended)].join(", ")}${unfinished === 0 ? "" : ` (${unfinished} DID NOT END)`}`;
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return values.length === 0 ? 0 : sum / values.length;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
