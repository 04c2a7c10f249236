import type { JobNumber } from "@ertis/scheduler-engine";

/** What an id of the contract names. */
export interface JobId {
  readonly job: JobNumber;
  /** Set for one task of an array. */
  readonly task: number | undefined;
}

const pattern = /^([1-9]\d{0,14})(?:_(0|[1-9]\d{0,6}))?$/;

/** Reads `1234` or `1234_7`; undefined for anything else. */
export function parseJobId(text: string): JobId | undefined {
  const match = pattern.exec(text);
  const [, job, task] = match ?? [];
  return job === undefined
    ? undefined
    : { job: Number(job), task: task === undefined ? undefined : Number(task) };
}

export const jobIdRule = "a job id is a number like 1234, or 1234_7 for one task of an array";
