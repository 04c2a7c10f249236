import type { AttemptKey, AttemptOutcome, JobSpec, StopReason } from "@ertis/scheduler-engine";

/** What the events say of one attempt, from its start until its last node is released. */
export interface AttemptRecord extends AttemptKey {
  readonly site: string;
  /** Positions of nodes still held; replaced when an edited site file moves them. */
  held: Set<number>;
  readonly startedAtMs: number;
  endsByMs: number;
  /** Full-speed time of the whole gang left at `workAtMs`. */
  workLeftMs: number;
  workAtMs: number;
  readonly workGrantedMs: number;
  capWatts: number;
  /** Orders for its cap so far. */
  capOrder: number;
  readonly nodeCount: number;
  phase: "starting" | "running" | "stopping" | "exited";
  stopReason: StopReason | undefined;
  isWarned: boolean;
  outcome: AttemptOutcome | undefined;
  /** The task goes back to the queue once everything is released. */
  isRetried: boolean;
}

/** What the events say of one task of a job. Untouched tasks of an array have no record. */
export interface TaskRecord {
  attempts: number;
  retriesUsed: number;
  freeRetriesUsed: number;
  /** Full-speed time that checkpoints kept. */
  workDoneMs: number;
  /** `active`: an attempt runs or still holds nodes, or waits to be retried. */
  state: "pending" | "active" | "succeeded" | "failed" | "cancelled";
  attempt: AttemptRecord | undefined;
}

export interface JobRecord {
  readonly number: number;
  readonly owner: string;
  readonly requestId: string;
  readonly bodyHash: number;
  readonly spec: JobSpec;
  readonly submittedAtMs: number;
  isHeld: boolean;
  isCancelled: boolean;
  /** Said to be startable: at its submit, or by an event. */
  isReady: boolean;
  readonly tasks: Map<number, TaskRecord>;
  /** Tasks that could start now, touched or not. */
  pendingCount: number;
  /** Attempts that have not exited. */
  runningCount: number;
  succeededCount: number;
  failedCount: number;
  cancelledCount: number;
  finishedAtMs: number | undefined;
}

export function createJobRecord(
  facts: Pick<JobRecord, "number" | "owner" | "requestId" | "bodyHash" | "spec" | "submittedAtMs">,
): JobRecord {
  return {
    ...facts,
    isHeld: facts.spec.isHeld,
    isCancelled: false,
    isReady: false,
    tasks: new Map(),
    pendingCount: facts.spec.taskCount,
    runningCount: 0,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
    finishedAtMs: undefined,
  };
}

export function isStartable(job: JobRecord): boolean {
  const { taskThrottle } = job.spec;
  return (
    job.pendingCount > 0 &&
    job.isReady &&
    !job.isHeld &&
    !job.isCancelled &&
    (taskThrottle === 0 || job.runningCount < taskThrottle)
  );
}
