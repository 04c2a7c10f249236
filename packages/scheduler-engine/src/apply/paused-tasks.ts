import { hasPlannedSoon, type PausedTask } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import { noPausedTasks } from "../state/job.ts";
import type { JobNumber } from "../words/job-spec.ts";

/** Brings what a job knows of its paused tasks up to date; it has few of them. */
export function holdPausedTasks(state: EngineState, number: JobNumber): void {
  const job = state.jobs.get(number);
  if (job === undefined) {
    return;
  }
  const paused: number[] = [];
  const returning: number[] = [];
  for (const one of state.curtailments.paused.values()) {
    if (one.job === number) {
      // What shrinks is started where its nodes are kept, by no placement pass.
      (one.isReturning && !one.isShrinking ? returning : paused).push(one.task);
    }
  }
  job.pausedTasks = paused.length === 0 ? noPausedTasks : paused.toSorted((a, b) => a - b);
  job.returningTasks = returning.length === 0 ? noPausedTasks : returning.toSorted((a, b) => a - b);
}

/** Is a curtailment of its site on; or, for what gave nodes back, about to begin? */
export function isStillWanted(
  state: EngineState,
  { site, isShrinking }: Pick<PausedTask, "site" | "isShrinking">,
): boolean {
  return (
    state.sites.get(site)?.isInCurtailment === true ||
    (isShrinking && hasPlannedSoon(state.curtailments, site))
  );
}
