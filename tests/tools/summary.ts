import type { StepResult } from "./steps.ts";

/** How a run ends: lines to print, the counts in the last one, and the exit code. */
export interface Summary {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Adds up the steps of a run. A run in which nothing passed has failed, whatever the steps say. */
export function summarize(results: readonly StepResult[]): Summary {
  const skips = results.flatMap((result) => result.skips);
  const passedCount = results.reduce((sum, result) => sum + result.passedCount, 0);
  const failedCount = results.reduce((sum, result) => sum + result.failedCount, 0);
  const failed = results.filter((result) => result.failedCount > 0).map((result) => result.name);
  return {
    lines: [
      ...skips.map((skip) => `SKIPPED ${skip.name}: ${skip.reason}`),
      ...(failed.length > 0 ? [`FAILED ${failed.join(", ")}`] : []),
      `${passedCount} passed, ${failedCount} failed, ${skips.length} skipped`,
    ],
    exitCode: failedCount > 0 || passedCount === 0 ? 1 : 0,
  };
}
