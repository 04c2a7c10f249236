import type { WriterTimings } from "@ertis/scheduler-runtime";
import type { DomainPeak } from "../oracle/index.ts";
import { type JobFigures, percentile } from "./figures.ts";

/** Everything that depends on the seed, the trace and the site alone: equal from run to run. */
export interface ReplayOutcome {
  readonly submittedCount: number;
  readonly acknowledgedCount: number;
  readonly refusedCount: number;
  readonly refusals: readonly string[];
  /** Acknowledged jobs that are not in the log. */
  readonly lostCount: number;
  readonly figures: JobFigures;
  readonly peaks: readonly DomainPeak[];
  readonly violationCount: number;
  readonly violations: readonly string[];
  readonly entryCount: number;
  readonly eventCount: number;
}

/** What the machine took: differs from run to run. */
export interface ReplayCost {
  readonly wallMs: number;
  readonly submitWallMs: number;
  readonly advanceWallMs: number;
  readonly submitP50Ms: number;
  readonly submitP99Ms: number;
  /** From a batch taken to its events ready, and from there to durable. */
  readonly writer: WriterTimings;
  /** Highest resident memory of the server, its simulated cluster and log worker included. */
  readonly peakMemoryBytes: number;
  /** Lines the server wrote for its operator. */
  readonly warningCount: number;
  readonly logBytes: number;
  /** From the start of the process until it answers; undefined: not measured. */
  readonly recoveryFromLogMs: number | undefined;
  readonly recoveryFromSnapshotMs: number | undefined;
  readonly oracleMs: number;
}

/** Where the figures come from. */
export interface ReplaySetting {
  readonly trace: string;
  readonly jobCount: number;
  readonly site: string;
  readonly siteRevision: string;
  readonly budgetWatts: number;
  readonly seed: number;
  readonly rules: readonly string[];
  readonly command: string;
  readonly commit: string;
  readonly machine: string;
  readonly date: string;
}

export interface ReplayReport {
  readonly setting: ReplaySetting;
  readonly outcome: ReplayOutcome;
  readonly cost: ReplayCost;
}

export function submitTimes(submitMs: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = submitMs.toSorted((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

/** Of every level the domain that came closest to its limit, from the feed down. */
export function worstOfLevels(
  peaks: readonly DomainPeak[],
): readonly (DomainPeak & { readonly domainCount: number })[] {
  const levels = new Map<string, DomainPeak & { readonly domainCount: number }>();
  for (const peak of peaks) {
    const worst = levels.get(peak.kind);
    const isWorse = worst === undefined || loadShare(peak) > loadShare(worst);
    levels.set(peak.kind, {
      ...(isWorse ? peak : worst),
      domainCount: (worst?.domainCount ?? 0) + 1,
    });
  }
  return [...levels.values()];
}

export function loadShare({ peakWatts, usableWatts }: DomainPeak): number {
  return usableWatts === 0 ? 0 : peakWatts / usableWatts;
}
