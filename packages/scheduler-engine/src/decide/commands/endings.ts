import { dependencyState } from "../../state/dependencies.ts";
import { isFinished, type Job } from "../../state/job.ts";
import { isStartAllowed } from "../../apply/jobs.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { StopReason } from "../../words/attempt.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Deciding } from "../deciding.ts";

/**
 * What the end of jobs means for those that wait for them: ready when the last dependency is met,
 * cancelled when one can never be met. Goes on until nothing follows any more.
 */
export function settleDependents(deciding: Deciding, ended: readonly JobNumber[]): void {
  const { state, emit } = deciding;
  let open = ended;
  while (open.length > 0) {
    const ready = new Set<JobNumber>();
    const hopeless = new Set<JobNumber>();
    for (const number of open) {
      for (const waiting of state.dependents.get(number) ?? []) {
        const job = state.jobs.get(waiting);
        if (job === undefined || isFinished(job) || job.isReady || job.isCancelled) {
          continue;
        }
        const states = job.spec.dependencies.map((one) => dependencyState(state, one));
        if (states.includes("never")) {
          hopeless.add(waiting);
        } else if (isStartAllowed(state, job)) {
          ready.add(waiting);
        }
      }
    }
    if (ready.size > 0) {
      emit({ kind: "jobs-became-ready", jobs: [...ready] });
    }
    open = [...hopeless];
    if (open.length > 0) {
      emit({
        kind: "jobs-cancelled",
        jobs: open,
        by: "scheduler",
        reason: "a job it depends on ended the other way",
      });
    }
  }
}

/** Asks for the stop of everything of a job that still runs. */
export function stopAttempts(deciding: Deciding, job: Job, reason: StopReason): void {
  for (const attempt of activeAttempts(job)) {
    if (attempt.phase === "starting" || attempt.phase === "running") {
      const { job: number, task, attempt: count } = attempt;
      deciding.emit({
        kind: "stop-requested",
        attempt: { job: number, task, attempt: count },
        reason,
      });
    }
  }
}
