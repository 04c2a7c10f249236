import { type Job, JobState } from "@ertis/api";

/** Ids are decimal numbers as text, tasks `1234_7`: the shorter number is the smaller one. */
function compareIds(left: string, right: string): number {
  const [leftJob = "", leftTask = ""] = left.split("_");
  const [rightJob = "", rightTask = ""] = right.split("_");
  const byJob =
    leftJob.length - rightJob.length || (leftJob < rightJob ? -1 : Number(leftJob > rightJob));
  return byJob || Number(leftTask) - Number(rightTask);
}

/** As a listing has them: newest first. */
export function newestFirst(jobs: Iterable<Job>): readonly Job[] {
  return [...jobs].toSorted((left, right) => compareIds(right.id, left.id));
}

const ranks: ReadonlyMap<JobState, number> = new Map([
  [JobState.STOPPING, 0],
  [JobState.STARTING, 1],
  [JobState.RUNNING, 2],
  [JobState.QUEUED, 3],
  [JobState.WAITING, 4],
  [JobState.HELD, 5],
]);

/** True while nodes are held for it. */
export function hasNodes({ state }: Job): boolean {
  return (ranks.get(state) ?? 6) <= 2;
}

/** What moves first, then what runs, then the queue, oldest first: what an operator looks at. */
export function busiestFirst(jobs: Iterable<Job>): readonly Job[] {
  const rank = ({ state }: Job): number => ranks.get(state) ?? 6;
  return [...jobs].toSorted(
    (left, right) => rank(left) - rank(right) || compareIds(left.id, right.id),
  );
}

/** `12 running, 40 queued`, in the order of a job's life. */
export function showStateCounts(
  jobs: Iterable<Job>,
  states: readonly JobState[],
  show: (state: JobState) => string,
): string {
  const counts = new Map<JobState, number>();
  for (const { state } of jobs) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const parts = states.flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count === 0 ? [] : [`${count} ${show(state)}`];
  });
  return parts.length === 0 ? "none" : parts.join(", ");
}
