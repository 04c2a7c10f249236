import type { Instant, Milliseconds, Watts } from "@ertis/quantities";

/** Number of a job, from 1, in order of acceptance; written `1234`, a task of an array `1234_7`. */
export type JobNumber = number;

/** Higher classes go first; inside a class, older jobs go first. */
export type PriorityClass = "low" | "normal" | "high" | "urgent";

/** In rising order. The position is the number kept in compact state. */
export const priorityClasses: readonly PriorityClass[] = ["low", "normal", "high", "urgent"];

export type DependencyCondition = "after-ok" | "after-any" | "after-not-ok";

export interface Dependency {
  readonly job: JobNumber;
  readonly condition: DependencyCondition;
}

/** Why an attempt did not succeed. `application` is the program's own exit code. */
export type FailureCategory = "application" | "walltime" | "node" | "start" | "preemption";

export interface RetryPolicy {
  /** 0 to 100. Node failures and preemptions do not use these up. */
  readonly maxRetries: number;
  /** The categories that are retried against `maxRetries`. */
  readonly categories: readonly FailureCategory[];
}

/** Per cent of its throughput that a job tolerates to lose, averaged over a curtailment. */
export type FlexibilityTier = 0 | 10 | 25 | 50;

/** How long a job takes to save its work and to take it up again. */
export interface Checkpoint {
  readonly save: Milliseconds;
  readonly restore: Milliseconds;
}

/** What to run. Opaque to the engine, carried to the executor. */
export interface Workload {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/** What a researcher asks for, already checked at the border (see `limits.ts` of the engine). */
export interface JobSpec {
  readonly name: string;
  readonly project: string;
  /** All-or-nothing: `nodeCount` nodes with `gpusPerNode` GPUs each, of one GPU model. */
  readonly nodeCount: number;
  /** It also runs on fewer nodes, down to this; `nodeCount` when it cannot shrink. */
  readonly nodeCountMin: number;
  readonly gpusPerNode: number;
  /** Empty: any model, but one model for the whole gang. */
  readonly gpuModel: string;
  /** Empty: any site. */
  readonly site: string;
  readonly walltime: Milliseconds;
  /** It is content with this much time, to fill a hole; `walltime` when it is not. */
  readonly walltimeMin: Milliseconds;
  readonly flexibilityTier: FlexibilityTier;
  /** Which curve of speed by cap it follows; empty: unknown. */
  readonly workloadClass: string;
  /** The lowest cap of a GPU that it accepts; 0: whatever its tier and the GPU model allow. */
  readonly capMin: Watts;
  readonly deadline?: Instant;
  /** Absent: it cannot be paused. */
  readonly checkpoint?: Checkpoint;
  readonly priorityClass: PriorityClass;
  /** Not before this moment; absent: at once. */
  readonly beginAt?: Instant;
  readonly preemptible: boolean;
  readonly dependencies: readonly Dependency[];
  /** 1: not an array. Tasks are numbered from 0. */
  readonly taskCount: number;
  /** At most this many tasks at once; 0: no throttle. */
  readonly taskThrottle: number;
  readonly retry: RetryPolicy;
  readonly labels: Readonly<Record<string, string>>;
  readonly isHeld: boolean;
  readonly workload: Workload;
}
