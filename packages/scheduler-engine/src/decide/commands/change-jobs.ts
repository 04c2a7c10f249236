import { isFinished, type Job } from "../../state/job.ts";
import type { ChangeJobs } from "../../words/command.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { ChangeResult, Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";
import { settleDependents, stopAttempts } from "./endings.ts";

/** Cancel, hold and release: job by job, each with its own answer. */
export function changeJobs(deciding: Deciding, command: ChangeJobs): Reply {
  const { state, emit } = deciding;
  const changed = new Set<JobNumber>();
  const results = command.jobs.map((number): ChangeResult => {
    const job = state.jobs.get(number);
    const rejection = refusal(job, number, command);
    if (rejection !== undefined) {
      return rejection;
    }
    changed.add(number);
    return { kind: "changed", job: number };
  });
  const jobs = [...changed].filter((number) => changesSomething(state.jobs.get(number), command));
  if (jobs.length === 0) {
    return { kind: "jobs-changed", results };
  }
  const by = command.by.person;
  switch (command.kind) {
    case "hold-jobs":
      emit({ kind: "jobs-held", jobs, by });
      break;
    case "release-jobs":
      emit({ kind: "jobs-released", jobs, by });
      break;
    case "cancel-jobs":
      cancel(deciding, jobs, by, command.reason);
      break;
  }
  return { kind: "jobs-changed", results };
}

function cancel(deciding: Deciding, jobs: readonly JobNumber[], by: string, reason: string): void {
  deciding.emit({ kind: "jobs-cancelled", jobs, by, reason });
  const ended: JobNumber[] = [];
  for (const number of jobs) {
    const job = deciding.state.jobs.get(number);
    if (job === undefined) {
      continue;
    }
    stopAttempts(deciding, job, "cancelled");
    if (isFinished(job)) {
      ended.push(number);
    }
  }
  settleDependents(deciding, ended);
}

function refusal(
  job: Job | undefined,
  number: JobNumber,
  command: ChangeJobs,
): Rejection | undefined {
  if (job === undefined) {
    return rejected("unknown-job", `job ${number} is not known (any more)`);
  }
  if (job.owner !== command.by.person && !command.by.mayActForOthers) {
    return rejected(
      "not-permitted",
      `job ${number} belongs to ${job.owner}; only its owner or an operator may do this`,
    );
  }
  if (isFinished(job)) {
    return rejected("already-finished", `job ${number} has already finished`);
  }
  if (command.kind === "release-jobs" && !job.isHeld) {
    return rejected("not-held", `job ${number} is not held`);
  }
  return undefined;
}

/** A second cancel or hold is welcome and does nothing. */
function changesSomething(job: Job | undefined, command: ChangeJobs): boolean {
  switch (command.kind) {
    case "cancel-jobs":
      return job?.isCancelled === false;
    case "hold-jobs":
      return job?.isHeld === false;
    case "release-jobs":
      return job?.isHeld === true;
  }
}
