import { forkStream } from "../chance/random-stream.ts";
import type { FlexibilityTier, SaidByTrace, TraceJob } from "../traces/trace-job.ts";

/** What a trace does not say, and by which rule it is made up. */
export interface DrawRules {
  /** Shares of the tiers 0, 10, 25 and 50 %; they sum to 1. */
  readonly tierShares: readonly [number, number, number, number];
  /** Walltime asked for, in times of what is needed: drawn evenly from this range. */
  readonly overAsk: { readonly min: number; readonly max: number };
  /** One of these for each job, evenly; empty: no class. */
  readonly workloadClasses: readonly string[];
  /** Walltimes are asked for in whole steps, at least one. */
  readonly walltimeStepMs: number;
  /** What people add to the duration before they over-ask: image pull, rendezvous. */
  readonly startAllowanceMs: number;
  /** Share of jobs that can be saved and resumed, with how long that takes. */
  readonly checkpointShare: number;
  readonly saveMs: number;
  readonly restoreMs: number;
}

export const defaultDrawRules: DrawRules = {
  tierShares: [0.1, 0.3, 0.4, 0.2],
  overAsk: { min: 1, max: 5 },
  workloadClasses: [],
  walltimeStepMs: 60_000,
  startAllowanceMs: 60_000,
  checkpointShare: 0.5,
  saveMs: 60_000,
  restoreMs: 60_000,
};

/** A job with everything settled. What the scheduler is not told: `durationMs`. */
export interface SimulatedJob extends Omit<TraceJob, "said"> {
  readonly index: number;
  readonly name: string;
  readonly nodeCount: number;
  readonly nodeCountMin: number;
  readonly gpusPerNode: number;
  readonly gpuModel: string;
  readonly walltimeMs: number;
  readonly walltimeMinMs: number;
  readonly flexibilityTier: FlexibilityTier;
  readonly workloadClass: string;
  readonly capMinWatts: number;
  readonly priorityClass: NonNullable<SaidByTrace["priorityClass"]>;
  readonly isPreemptible: boolean;
  readonly deadlineAtMs: number | undefined;
  readonly checkpoint: { readonly saveMs: number; readonly restoreMs: number } | undefined;
}

const tiers: readonly FlexibilityTier[] = [0, 10, 25, 50];
const durationMsMin = 1_000;

/**
 * Settles every job of a trace. What is drawn belongs to the seed and to the job's position, so a
 * prefix of a trace gives the same jobs as the whole.
 */
export function drawJobs(
  jobs: readonly TraceJob[],
  seed: number,
  rules: DrawRules,
  gpusPerNodeMax: number,
): readonly SimulatedJob[] {
  return jobs.map((job, index) => drawJob(job, index, { seed, rules, gpusPerNodeMax }));
}

interface Drawing {
  readonly seed: number;
  readonly rules: DrawRules;
  readonly gpusPerNodeMax: number;
}

function drawJob(job: TraceJob, index: number, drawing: Drawing): SimulatedJob {
  const { rules } = drawing;
  const { said, ...common } = job;
  // Each in its order, always: what one trace says must not shift what another lacks.
  const stream = forkStream(drawing.seed, "job", index);
  const tier = tierOf(stream.unit(), rules);
  const factor = stream.within(rules.overAsk.min, rules.overAsk.max);
  const drawnClass = rules.workloadClasses[stream.below(rules.workloadClasses.length)] ?? "";
  const canBeSaved = stream.happens(rules.checkpointShare);
  const durationMs = Math.max(job.durationMs, durationMsMin);
  const walltimeMs = said.walltimeMs ?? askedWalltimeMs(durationMs, factor, rules);
  return {
    ...common,
    ...gangOf(job.gpuCount, said.nodeCount, drawing.gpusPerNodeMax, said.nodeCountMin),
    index,
    durationMs,
    name: said.name ?? `job-${index + 1}`,
    gpuModel: said.gpuModel ?? "",
    walltimeMs,
    walltimeMinMs: Math.min(said.walltimeMinMs ?? walltimeMs, walltimeMs),
    flexibilityTier: said.flexibilityTier ?? tier,
    workloadClass: said.workloadClass ?? drawnClass,
    capMinWatts: said.capMinWatts ?? 0,
    priorityClass: said.priorityClass ?? "normal",
    isPreemptible: said.isPreemptible ?? false,
    deadlineAtMs: said.deadlineAtMs,
    checkpoint: checkpointOf(said, canBeSaved, rules),
  };
}

function checkpointOf(
  said: SaidByTrace,
  canBeSaved: boolean,
  { saveMs, restoreMs }: DrawRules,
): SimulatedJob["checkpoint"] {
  if (said.saveMs !== undefined || said.restoreMs !== undefined) {
    return { saveMs: said.saveMs ?? saveMs, restoreMs: said.restoreMs ?? restoreMs };
  }
  return canBeSaved ? { saveMs, restoreMs } : undefined;
}

function tierOf(drawn: number, { tierShares }: DrawRules): FlexibilityTier {
  let rest = drawn;
  for (const [at, share] of tierShares.entries()) {
    rest -= share;
    if (rest < 0) {
      return tiers[at] ?? 0;
    }
  }
  return tiers.at(-1) ?? 0;
}

/** (duration + allowance) × factor, up to a whole step. */
function askedWalltimeMs(durationMs: number, factor: number, rules: DrawRules): number {
  const askedMs = (durationMs + rules.startAllowanceMs) * factor;
  return Math.max(1, Math.ceil(askedMs / rules.walltimeStepMs)) * rules.walltimeStepMs;
}

/**
 * As few nodes as the GPUs need, all with equally many: up to 8 on one node, multiples of 8 on whole
 * nodes, 12 as 2 × 6. What does not divide evenly is rounded up, by less than one GPU a node.
 */
function gangOf(
  gpuCount: number,
  saidNodes: number | undefined,
  gpusPerNodeMax: number,
  saidMin: number | undefined,
): Pick<SimulatedJob, "nodeCount" | "nodeCountMin" | "gpusPerNode"> {
  const nodeCount = saidNodes ?? Math.ceil(gpuCount / gpusPerNodeMax);
  const nodeCountMin = Math.min(saidMin ?? nodeCount, nodeCount);
  return { nodeCount, nodeCountMin, gpusPerNode: Math.ceil(gpuCount / nodeCount) };
}

/** The rules as sentences, for the report. */
export function describeDrawRules(rules: DrawRules): readonly string[] {
  const [none, tenth, quarter, half] = rules.tierShares.map((share) => Math.round(share * 100));
  const { min, max } = rules.overAsk;
  const ask = min === max ? `× ${min}` : `× U(${min}, ${max})`;
  return [
    "what the trace does not say is drawn from the seed and the position of the job:",
    `flexibility tiers 0/10/25/50 %: ${none}/${tenth}/${quarter}/${half} % of the jobs`,
    `walltime: (duration + ${rules.startAllowanceMs / 1_000} s) ${ask}, up to whole ${rules.walltimeStepMs / 1_000} s`,
    rules.workloadClasses.length === 0
      ? "no workload class"
      : `workload class: evenly one of ${rules.workloadClasses.join(", ")}`,
  ];
}
