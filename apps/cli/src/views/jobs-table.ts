import { type Attempt, Job, JobState } from "@ertis/api";
import { showCount, showDuration, showTime, showWatts } from "../output/format.ts";
import type { Listing } from "../output/print.ts";
import type { Cell, Column } from "../output/table.ts";
import { isFinal, showJobState, toStateCell } from "./job-state.ts";

/** What a table of jobs needs to know besides the jobs. */
export interface JobsView {
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly isUnicode: boolean;
}

/** `8` or `2×8`: GPUs, on how many nodes. */
export function showGang(job: Job, isUnicode: boolean): string {
  const { nodeCount = 0, gpusPerNode = 0 } = job.spec ?? {};
  const times = isUnicode ? "×" : "x";
  return nodeCount === 1 ? `${gpusPerNode}` : `${nodeCount}${times}${gpusPerNode}`;
}

/** The same of what it holds, which may be fewer nodes than it asks for; of one that holds none, of what it asks for. */
function showHeldGang(job: Job, isUnicode: boolean): string {
  const smaller = findSmaller(job);
  return smaller === undefined || job.spec === undefined
    ? showGang(job, isUnicode)
    : showGang({ ...job, spec: { ...job.spec, nodeCount: smaller } }, isUnicode);
}

/** On how many of its nodes a job runs; undefined: on all of them, or it does not run. */
function findSmaller(job: Job): number | undefined {
  const { nodeCount = 0 } = job.spec ?? {};
  const held = isPlaced(job) ? (findLatestAttempt(job)?.nodeCount ?? 0) : 0;
  return held > 0 && held < nodeCount ? held : undefined;
}

function isPlaced({ state }: Job): boolean {
  return state === JobState.RUNNING || state === JobState.STARTING || state === JobState.STOPPING;
}

/** How long the job is as it is: `12 min` queued, running, or in all. */
export function showAge(job: Job, nowMs: number): string {
  if (isFinal(job.state)) {
    return job.startTimeMs === 0 ? "-" : showDuration(job.endTimeMs - job.startTimeMs);
  }
  const isOn = job.state === JobState.RUNNING || job.state === JobState.STOPPING;
  // A job that was tried before runs for as long as its present attempt; an array since its first task.
  const attempt = job.taskCounts === undefined ? findLatestAttempt(job) : undefined;
  const goingStartMs = attempt?.endTimeMs === 0 ? attempt.startTimeMs : 0;
  const startMs = goingStartMs === 0 ? job.startTimeMs : goingStartMs;
  return showDuration(nowMs - (isOn && startMs > 0 ? startMs : job.submitTimeMs));
}

/** `120 of 1,000 ended, 8 of them failed, 10 running`, for an array. */
export function showTasks(job: Job): string {
  const counts = job.taskCounts;
  if (counts === undefined) {
    return "";
  }
  const ended = counts.succeededCount + counts.failedCount + counts.cancelledCount;
  const parts = [`${showCount(ended)} of ${showCount(job.spec?.array?.taskCount ?? 0)} ended`];
  if (counts.failedCount > 0) {
    parts.push(`${showCount(counts.failedCount)} of them failed`);
  }
  if (counts.runningCount > 0) {
    parts.push(`${showCount(counts.runningCount)} running`);
  }
  return parts.join(", ");
}

/** `1234`, or `1234[0-99]` for an array. */
export function showJobId(job: Job): string {
  const taskCount = job.spec?.array?.taskCount ?? 0;
  return taskCount > 1 && job.taskIndex === undefined ? `${job.id}[0-${taskCount - 1}]` : job.id;
}

/** The try that goes on, or else the one that ended last. */
export function findLatestAttempt(job: Job): Attempt | undefined {
  const going = job.attempts.find(({ endTimeMs }) => endTimeMs === 0);
  return going ?? job.attempts.toSorted((left, right) => right.endTimeMs - left.endTimeMs)[0];
}

/** Last words about a job: where it is, what it waits for, or how it ended. */
function showNote(job: Job): string {
  const tasks = showTasks(job);
  const attempt = findLatestAttempt(job);
  const code = job.stateReason.toLowerCase().replaceAll("_", " ");
  const reason = code === showJobState(job.state) ? "" : code;
  const hasPlace = isPlaced(job);
  const place = hasPlace && attempt !== undefined ? attempt.site : "";
  const held = findSmaller(job);
  const smaller = held === undefined ? "" : `${held} of ${job.spec?.nodeCount ?? 0} nodes`;
  const exit =
    attempt?.exitCode === undefined || attempt.exitCode === 0 ? "" : `exit ${attempt.exitCode}`;
  const isTold = !hasPlace || job.state === JobState.STOPPING;
  return [tasks, place, smaller, isTold ? reason : "", exit]
    .filter((part) => part !== "")
    .join(", ");
}

export function createJobColumns(view: JobsView): readonly Column<Job>[] {
  const state = (job: Job): Cell => toStateCell(job.state, view.isUnicode);
  return [
    { title: "JOB", cell: showJobId },
    { title: "NAME", cell: (job) => job.spec?.name ?? "", shrinkTo: 8 },
    {
      title: "PROJECT",
      cell: (job) => job.spec?.project ?? "",
      shrinkTo: 6,
      leaveOutBelow: 100,
      dropOrder: 5,
    },
    { title: "OWNER", cell: (job) => job.owner, shrinkTo: 6, dropOrder: 7 },
    { title: "STATE", cell: state },
    {
      title: "GPUS",
      align: "right",
      cell: (job) => showHeldGang(job, view.isUnicode),
      dropOrder: 9,
    },
    { title: "FOR", align: "right", cell: (job) => showAge(job, view.nowMs), dropOrder: 8 },
    { title: "MODEL", isWide: true, dropOrder: 3, cell: (job) => job.spec?.gpuModel ?? "" },
    {
      title: "WALLTIME",
      isWide: true,
      dropOrder: 4,
      align: "right",
      cell: (job) => showDuration(job.spec?.walltimeMs ?? 0),
    },
    { title: "SUBMITTED", isWide: true, dropOrder: 1, cell: (job) => showTime(job.submitTimeMs) },
    {
      title: "RESERVED",
      isWide: true,
      dropOrder: 2,
      align: "right",
      cell: (job) => {
        const going = job.attempts.filter(({ endTimeMs }) => endTimeMs === 0);
        const sumWatts = going.reduce((sum, each) => sum + each.powerReservedWatts, 0);
        return sumWatts === 0 ? "-" : showWatts(sumWatts);
      },
    },
    { title: "NOTE", cell: showNote, shrinkTo: 10, dropOrder: 6 },
  ];
}

export function createJobListing(view: JobsView): Listing<Job> {
  return {
    columns: createJobColumns(view),
    toJson: (job) => Job.toJSON(job),
    toName: (job) => job.id,
  };
}
