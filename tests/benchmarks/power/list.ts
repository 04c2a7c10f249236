import type { Benchmark } from "../benchmark.ts";
import { b1a } from "../phoenix/b1a.ts";

/** Benchmarks of planning in time and watts, by their number: one line each. */
export const powerBenchmarks: readonly Benchmark[] = [
  b1a, // Phoenix mix, one steady point
];
