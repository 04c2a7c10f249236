import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import { dependenciesState } from "../state/dependencies.ts";
import type { EngineState } from "../state/engine-state.ts";
import { createJob, finishedTaskCount, isEligible, type Job } from "../state/job.ts";
import { accountFor, findAccount } from "../state/shares.ts";
import { noTasks, taskCountOf, union } from "../state/task-ranges.ts";
import type { JobsSubmitted } from "../words/event.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { forgetJob, keepReturnNodes, pauseOver } from "./paused-tasks.ts";
import { dropReservationOf } from "./power.ts";

export function jobsSubmitted(state: EngineState, event: JobsSubmitted): void {
  let number = event.firstJob;
  for (const item of event.items) {
    const job = createJob(number, event.owner, item.spec, state.nowMs);
    state.jobs.add(job);
    state.requestIds.add(item.requestId, number, item.bodyHash, state.nowMs);
    state.unfinishedCount += 1;
    accountFor(state.shares, job.owner, job.spec.project);
    awaitStart(state, job);
    number += 1;
  }
  state.nextJob = number;
}

/** Ready at once, or when its begin time and its dependencies allow. */
function awaitStart(state: EngineState, job: Job): void {
  const { beginAt, dependencies } = job.spec;
  const beginMs = beginAt === undefined ? 0 : toNumber(beginAt);
  if (beginMs > state.nowMs) {
    state.timers.add({ atMs: beginMs, kind: "begin", job: job.number, task: 0, attempt: 0 });
  }
  for (const dependency of dependencies) {
    const waiting = state.dependents.get(dependency.job) ?? [];
    waiting.push(job.number);
    state.dependents.set(dependency.job, waiting);
  }
  job.isReady = isStartAllowed(state, job);
  queueIfEligible(state, job);
}

/** Have its begin time and its dependencies come true? */
export function isStartAllowed(state: EngineState, job: Job): boolean {
  const { beginAt } = job.spec;
  return (
    (beginAt === undefined || toNumber(beginAt) <= state.nowMs) &&
    (job.spec.dependencies.length === 0 || dependenciesState(state, job.spec) === "met")
  );
}

export function queueIfEligible(state: EngineState, job: Job): void {
  if (isEligible(job)) {
    state.queue.add(job, findAccount(state.shares, job.owner, job.spec.project));
    // Already in line, it may have become startable again: the shape is worth another look.
    state.queue.refresh(known(job.shape, "shape of a queued job"));
  }
}

export function jobsHeld(state: EngineState, jobs: readonly JobNumber[]): void {
  forEachJob(state, jobs, (job) => {
    job.isHeld = true;
    dropReservationOf(state, job.number);
    if (job.pausedTasks.length > 0 || job.returningTasks.length > 0) {
      // Others may have the nodes and watts that were kept for their return.
      keepReturnNodes(state);
      state.releaseCount += 1;
    }
  });
}

export function jobsReleased(state: EngineState, jobs: readonly JobNumber[]): void {
  forEachJob(state, jobs, (job) => {
    job.isHeld = false;
    if (job.pausedTasks.length > 0) {
      keepReturnNodes(state);
    }
    queueIfEligible(state, job);
  });
}

export function jobsBecameReady(state: EngineState, jobs: readonly JobNumber[]): void {
  forEachJob(state, jobs, (job) => {
    job.isReady = true;
    queueIfEligible(state, job);
  });
}

export function jobsCancelled(
  state: EngineState,
  jobs: readonly JobNumber[],
  reason: string,
): void {
  forEachJob(state, jobs, (job) => {
    job.isCancelled = true;
    job.reason = reason;
    job.cancelledCount += taskCountOf(job.pending);
    if (job.spec.taskCount > 1) {
      job.cancelledTasks = union(job.cancelledTasks, job.pending);
    }
    job.pending = noTasks;
    dropReservationOf(state, job.number);
    // What has stopped for a curtailment does not come back: nothing waits for it any more.
    for (const task of [...job.pausedTasks, ...job.returningTasks]) {
      pauseOver(state, { job: job.number, task });
    }
    forgetJob(state, job.number);
    finishIfDone(state, job);
  });
}

/** The oldest finished jobs leave memory; the log keeps them as long as its own retention says. */
export function jobsRetired(state: EngineState, count: number): void {
  for (let done = 0; done < count; done += 1) {
    const number = state.finished[state.finishedFrom];
    if (number === undefined) {
      return;
    }
    state.finishedFrom += 1;
    state.jobs.remove(number);
    state.dependents.delete(number);
  }
  if (state.finishedFrom > 100_000 && state.finishedFrom * 2 > state.finished.length) {
    state.finished = state.finished.slice(state.finishedFrom);
    state.finishedFrom = 0;
  }
}

/** Called after every end of a task. */
export function finishIfDone(state: EngineState, job: Job): void {
  if (job.finishedAtMs === undefined && finishedTaskCount(job) === job.spec.taskCount) {
    job.finishedAtMs = state.nowMs;
    state.unfinishedCount -= 1;
    letRetire(state, job);
  }
}

/** A finished job may leave memory once nothing of it is held any more. */
export function letRetire(state: EngineState, job: Job): void {
  if (job.active === undefined) {
    state.finished.push(job.number);
  }
}

function forEachJob(
  state: EngineState,
  jobs: readonly JobNumber[],
  change: (job: Job) => void,
): void {
  for (const number of jobs) {
    const job = known(state.jobs.get(number), `job ${number}`);
    job.generation += 1;
    change(job);
    state.queue.mayHaveLeft(job);
  }
}
