import type { TraceJob } from "@ertis/simulator";
import type { JobRequest, SubmitEntry } from "@ertis/client";
import { forkStream, outcomeDirective, runtimeDirective } from "@ertis/executor-simulated";

/** What a trace does not say, and by which rule it is made up. */
export interface ReplayRules {
  readonly seed: number;
  /** Walltime asked for, in thousandths of what is needed: drawn evenly from this range. */
  readonly overAskPermille: { readonly min: number; readonly max: number };
  /** Jobs that end with exit code 1 after their duration, in thousandths. */
  readonly failurePermille: number;
  /** What people add for the start of a job before they over-ask. */
  readonly startAllowanceMs: number;
  /** Walltimes are asked for in whole minutes, at least one. */
  readonly walltimeStepMs: number;
  /** The server's own limit. */
  readonly walltimeMsMax: number;
  /** A duration of zero becomes this long. */
  readonly durationMsMin: number;
}

export const defaultRules: Omit<ReplayRules, "seed"> = {
  overAskPermille: { min: 1_000, max: 5_000 },
  failurePermille: 100,
  startAllowanceMs: 60_000,
  walltimeStepMs: 60_000,
  // The longest job of Philly ran for 53.6 days.
  walltimeMsMax: 90 * 86_400_000,
  durationMsMin: 1_000,
};

export interface Gang {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
}

const gpusPerNodeMax = 8;

/**
 * As few nodes as the GPUs need, all with equally many: up to 8 on one node, multiples of 8 on whole
 * nodes, 12 as 2 × 6. What does not divide evenly is rounded up, by less than one GPU a node.
 */
export function gangOf(gpuCount: number): Gang {
  const nodeCount = Math.ceil(gpuCount / gpusPerNodeMax);
  return { nodeCount, gpusPerNode: Math.ceil(gpuCount / nodeCount) };
}

/** (duration + start allowance) × over-ask, up to a whole step, within the server's limit. */
export function walltimeOf(durationMs: number, permille: number, rules: ReplayRules): number {
  const askedMs = Math.ceil(((durationMs + rules.startAllowanceMs) * permille) / 1_000);
  const wholeMs = Math.ceil(askedMs / rules.walltimeStepMs) * rules.walltimeStepMs;
  return Math.min(Math.max(wholeMs, rules.walltimeStepMs), rules.walltimeMsMax);
}

/**
 * The job to submit for the n-th job of the trace (from 0, in order of time). Everything drawn belongs
 * to the seed and to n, so a prefix of a trace asks for the same jobs as the whole.
 */
export function submitEntryOf(job: TraceJob, index: number, rules: ReplayRules): SubmitEntry {
  const stream = (name: string) => forkStream(rules.seed, "replay", name, index);
  const gang = gangOf(job.gpuCount);
  const durationMs = Math.max(job.durationMs, rules.durationMsMin);
  const isFailing = stream("outcome").below(1_000) < rules.failurePermille;
  const spec: JobRequest = {
    project: "philly",
    name: `philly-${index + 1}`,
    ...gang,
    walltimeMs: walltimeOf(durationMs, stream("over-ask").within(rules.overAskPermille), rules),
    image: "registry.local/philly",
    labels: new Map([["virtual-cluster", job.owner]]),
    env: new Map([
      [runtimeDirective, String(durationMs)],
      [outcomeDirective, isFailing ? "failed:1" : "succeeded"],
    ]),
  };
  return { requestId: requestIdOf(rules.seed, index), spec };
}

/** A UUID (version 8: made by a rule of our own) that belongs to the seed and the job. */
export function requestIdOf(seed: number, index: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  return `${hex(seed >>> 0, 8)}-0000-8000-8000-${hex(index, 12)}`;
}

/** The rules as sentences, for the report. */
export function describeRules(rules: ReplayRules): readonly string[] {
  const { overAskPermille, failurePermille, startAllowanceMs, walltimeStepMs } = rules;
  const [least, most] = [overAskPermille.min / 1_000, overAskPermille.max / 1_000];
  return [
    "jobs arrive in order of time, those of one second in the order of the file; one SubmitJobs call for each moment, then the clock is stepped to the next",
    "gang: as few 8-GPU nodes as the GPUs need, all with equally many (up to 8 one node, multiples of 8 whole nodes, 12 = 2 × 6; what does not divide is rounded up)",
    `walltime: (duration + ${startAllowanceMs / 1_000} s) × U(${least}, ${most}) by seed, up to whole ${walltimeStepMs / 1_000} s, at most ${rules.walltimeMsMax / 86_400_000} days`,
    `outcome: ${failurePermille / 10} % of the jobs end with exit code 1 by seed, after their whole duration; no retries`,
    "the simulated cluster adds 2 to 20 s of start and up to 2 s until a stop is confirmed, by seed; no node fails",
    "wait: submit to placement; run: placement to exit; virtual clusters are labels, not quotas",
  ];
}
