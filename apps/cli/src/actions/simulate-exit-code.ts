import { notAskedForText, type RefusedInRun } from "@ertis/simulator";
import { type ExitCode, exitCodes } from "../exit-codes.ts";

/** A run as far as its exit code goes. */
export interface PlayedRun extends RefusedInRun {
  readonly violationCount: number;
}

/** A broken promise is a fault of the scheduler and told before what was refused, which is one of the input. */
export function exitCodeOfRuns(runs: readonly PlayedRun[]): ExitCode {
  if (runs.some(({ violationCount }) => violationCount > 0)) {
    return exitCodes.promiseBroken;
  }
  return runs.some((run) => notAskedForText(run) !== undefined) ? exitCodes.refused : exitCodes.ok;
}
