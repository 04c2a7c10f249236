import type { JobNumber } from "../words/job-spec.ts";

/** A squeeze that gained nothing. */
export interface InVain {
  readonly atMs: number;
  /** What had been released by then. */
  readonly releasedCount: number;
}

/** Which squeezes of a site were tried, so that passes do not try them again and again. */
export interface SqueezeTries {
  /** How often caps were lowered for a job at this moment. */
  readonly doneCounts: Map<JobNumber, number>;
  /** When a squeeze for a job was last tried in vain. */
  readonly inVain: Map<JobNumber, InVain>;
  atMs: number;
  countLeft: number;
}
