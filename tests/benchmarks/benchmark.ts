import type { Goal } from "./goals.ts";

/** What every benchmark is told. */
export interface BenchmarkOptions {
  /** Where storage goes. */
  readonly directory: string;
  readonly seed: number;
  /** Of load, after a warm-up; for benchmarks that run for a time. */
  readonly seconds: number;
  /** Where the server's processor profile is left; empty: none. */
  readonly profileDirectory: string;
  /** Megabytes of log between snapshots; undefined: the server's default. */
  readonly snapshotMegabytes: number | undefined;
}

/** One measured case: for people, and as numbers. */
export interface Line {
  readonly name: string;
  readonly text: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
  /** Absent: it is reported only. */
  readonly goals?: readonly Goal[];
}

export interface Benchmark {
  readonly name: string;
  readonly what: string;
  /** From the project's goals, in words; empty: reported only. */
  readonly goal: string;
  run(options: BenchmarkOptions): Promise<readonly Line[]>;
}
