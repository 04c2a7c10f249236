import type { AffectedJob } from "@ertis/api";
import { showRanges } from "./job-detail.ts";

/** Jobs to which the same happened: one, or tasks of one array. */
export interface AffectedGroup {
  /** The one that lost most. */
  readonly first: AffectedJob;
  /** With the first. */
  readonly all: readonly AffectedJob[];
}

/**
 * Tasks of an array that cannot be told apart by what happened to them stand together, where the first of them stood: their
 * losses differ by how long each took.
 */
export function groupTasks(
  jobs: readonly AffectedJob[],
  effectOf: (job: AffectedJob) => string,
): readonly AffectedGroup[] {
  const groups = Map.groupBy(jobs, (job) =>
    JSON.stringify([
      isTask(job) ? arrayOf(job) : job.jobId,
      effectOf(job),
      job.isFloorGivenUp,
      job.isTierBroken,
      job.isHeldBack,
    ]),
  );
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    return first === undefined ? [] : [{ first, all }];
  });
}

const mostRanges = 3;

/** `12`, `6_3` or `6[0-4,7]`; of many ranges the first. */
export function showJobIds({ first, all }: AffectedGroup, isUnicode: boolean): string {
  if (all.length === 1) {
    return first.jobId;
  }
  const tasks = all.map(taskOf).toSorted((a, b) => a - b);
  const ranges = showRanges(tasks).split(",");
  const shown = ranges.slice(0, mostRanges).join(",");
  const more = ranges.length > mostRanges ? `,${isUnicode ? "…" : "..."}` : "";
  return `${arrayOf(first)}[${shown}${more}]`;
}

/** `paused`, of several `46 tasks paused`. */
export function showOfAll({ all }: AffectedGroup, what: string): string {
  return all.length === 1 ? what : `${all.length} tasks ${what}`;
}

/** From the least to the most of a group: one figure where they are shown alike. */
export function showSpan(
  { all }: AffectedGroup,
  valueOf: (job: AffectedJob) => number,
  show: (value: number) => string,
): string {
  const values = all.map(valueOf);
  const [least, most] = [show(Math.min(...values)), show(Math.max(...values))];
  return least === most ? most : `${least} to ${most}`;
}

function isTask({ jobId }: AffectedJob): boolean {
  return jobId.includes("_");
}

function arrayOf({ jobId }: AffectedJob): string {
  return jobId.split("_")[0] ?? jobId;
}

function taskOf({ jobId }: AffectedJob): number {
  return Number(jobId.split("_")[1] ?? 0);
}
