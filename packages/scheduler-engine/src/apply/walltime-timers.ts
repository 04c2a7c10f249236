import { walltimeWarningMs } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";

/** When the warning before the end of its walltime is due. */
export function warningAtMs({ startedAtMs, endsByMs }: Attempt): number {
  return endsByMs - Math.min(walltimeWarningMs, Math.floor((endsByMs - startedAtMs) / 2));
}

/**
 * The warning and the end of an attempt's walltime fall due. Where a timer that rings earlier is set
 * already it stays alone: whoever rings it sees that it is too early and calls again.
 */
export function addWalltimeTimers(state: EngineState, attempt: Attempt): void {
  const { job, task, attempt: number, endsByMs } = attempt;
  const common = { job, task, attempt: number };
  const warnMs = warningAtMs(attempt);
  if (!attempt.isWarned && warnMs < attempt.warningTimerMs) {
    attempt.warningTimerMs = warnMs;
    state.timers.add({ ...common, atMs: warnMs, kind: "warn-walltime" });
  }
  if (endsByMs < attempt.endTimerMs) {
    attempt.endTimerMs = endsByMs;
    state.timers.add({ ...common, atMs: endsByMs, kind: "end-walltime" });
  }
}
