/** One job as a trace tells it; what a trace does not say is drawn later, by a stated rule. */
export interface TraceJob {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Milliseconds since the Unix epoch. */
  readonly submittedAtMs: number;
  /** How long it runs at full power on all of its nodes. */
  readonly durationMs: number;
  readonly gpuCount: number;
  readonly owner: string;
  readonly said: SaidByTrace;
}

/** Absent: the trace does not say. */
export interface SaidByTrace {
  readonly name?: string;
  readonly nodeCount?: number;
  readonly nodeCountMin?: number;
  readonly gpuModel?: string;
  readonly walltimeMs?: number;
  readonly walltimeMinMs?: number;
  readonly flexibilityTier?: FlexibilityTier;
  readonly workloadClass?: string;
  readonly capMinWatts?: number;
  readonly priorityClass?: "low" | "normal" | "high" | "urgent";
  readonly isPreemptible?: boolean;
  readonly deadlineAtMs?: number;
  readonly saveMs?: number;
  readonly restoreMs?: number;
}

/** Per cent of throughput a job tolerates to lose, averaged over a curtailment. */
export type FlexibilityTier = 0 | 10 | 25 | 50;

export const flexibilityTiers: readonly FlexibilityTier[] = [0, 10, 25, 50];

/** A row that cannot be read. */
export interface TraceProblem {
  readonly line: number;
  readonly message: string;
}

export type ReadTrace =
  | { readonly kind: "trace"; readonly form: TraceForm; readonly jobs: readonly TraceJob[] }
  | { readonly kind: "problems"; readonly problems: readonly TraceProblem[] };

export type TraceForm = "philly" | "muri" | "ertis-csv" | "ertis-jsonl";

export type ReadRow = TraceJob | TraceProblem;
