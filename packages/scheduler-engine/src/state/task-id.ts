import type { AttemptKey } from "../words/attempt.ts";
import type { JobNumber } from "../words/job-spec.ts";

/** One number for a task of a job, where a table holds tasks of many jobs. */
export type TaskId = number;

/** Room for the tasks of one array. */
const tasksPerJob = 1_000_000;

export function taskIdOf({ job, task }: Pick<AttemptKey, "job" | "task">): TaskId {
  return job * tasksPerJob + task;
}

export function jobOfTaskId(id: TaskId): JobNumber {
  return Math.floor(id / tasksPerJob);
}

export function taskOfTaskId(id: TaskId): number {
  return id % tasksPerJob;
}
