import type { TraceJob } from "../traces/trace-job.ts";

const dayMs = 86_400_000;

/** How a trace is cut and squeezed before it runs. */
export interface TraceScale {
  /** Days of the trace, from its first job; absent: from the start, to the end. */
  readonly fromDay?: number;
  readonly toDay?: number;
  /** So many times as fast as in the trace; durations stay. */
  readonly arrivalRate?: number;
  /** Only the first so many jobs. */
  readonly jobsMax?: number;
}

/** Cuts days out, then takes the first jobs, then moves arrivals together. */
export function scaleTrace(jobs: readonly TraceJob[], scale: TraceScale): readonly TraceJob[] {
  const zeroMs = jobs[0]?.submittedAtMs ?? 0;
  const fromMs = zeroMs + (scale.fromDay ?? 0) * dayMs;
  const toMs = scale.toDay === undefined ? Infinity : zeroMs + scale.toDay * dayMs;
  const inside = jobs
    .filter(({ submittedAtMs }) => submittedAtMs >= fromMs && submittedAtMs < toMs)
    .slice(0, scale.jobsMax ?? jobs.length);
  const rate = scale.arrivalRate ?? 1;
  const firstMs = inside[0]?.submittedAtMs ?? 0;
  return rate === 1
    ? inside
    : inside.map((job) => ({
        ...job,
        submittedAtMs: firstMs + Math.round((job.submittedAtMs - firstMs) / rate),
      }));
}
