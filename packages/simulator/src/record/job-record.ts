import type { SimulatedJob } from "../scenario/draw-jobs.ts";

/** What became of one job. */
export interface JobRecord {
  readonly job: SimulatedJob;
  readonly submittedAtMs: number;
  firstStartAtMs: number | undefined;
  endedAtMs: number | undefined;
  outcome: "succeeded" | "failed" | "cancelled" | undefined;
  failureCategory: string;
  attemptCount: number;
  /** Lowest cap that was wanted for it; 0: none. */
  lowestCapWatts: number;
  nodeCountLeast: number;
  /** GPUs of the nodes that it runs on; 0: it does not run. */
  heldGpuCount: number;
}

export function createJobRecord(job: SimulatedJob, submittedAtMs: number): JobRecord {
  return {
    job,
    submittedAtMs,
    firstStartAtMs: undefined,
    endedAtMs: undefined,
    outcome: undefined,
    failureCategory: "",
    attemptCount: 0,
    lowestCapWatts: 0,
    nodeCountLeast: job.nodeCount,
    heldGpuCount: 0,
  };
}
