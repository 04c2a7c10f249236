import { type Job, JobState, type PowerDomain } from "@ertis/api";
import { showTime, showTimeOfDay } from "../output/format.ts";
import { renderTable } from "../output/table.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable, truncate } from "../terminal/text.ts";
import { activeStates, showJobState } from "./job-state.ts";
import { busiestFirst, hasNodes, showStateCounts } from "./job-order.ts";
import { createJobColumns } from "./jobs-table.ts";
import { renderPowerTree } from "./power-tree.ts";

/** Everything the combined live view shows. */
export interface TopState {
  /** Where from and as whom, for example `127.0.0.1:7070 as aigerim`. */
  readonly title: string;
  readonly domains: readonly PowerDomain[];
  /** Jobs that have not ended. */
  readonly jobs: readonly Job[];
  /** Jobs that ended since the view began. */
  readonly endedCount: number;
  /** When the view began by the scheduler's clock, milliseconds since the Unix epoch. */
  readonly sinceMs: number;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Empty = what is shown is up to date; else why it may not be. */
  readonly staleness: string;
}

/** At most `count` lines; the last one says what was left out. */
export function cutLines(lines: readonly string[], count: number, style: Style): readonly string[] {
  if (lines.length <= count) {
    return lines;
  }
  const hidden = lines.length - Math.max(0, count - 1);
  const note = `${style.isUnicode ? "…" : "..."} ${hidden} more`;
  return [...lines.slice(0, Math.max(0, count - 1)), paint(style, "dim", note)].slice(0, count);
}

/** One line for the top of a live view: what, when, and in words when it is out of date. */
export function renderLiveTitle(
  title: string,
  state: { readonly nowMs: number; readonly staleness: string },
  style: Style,
): string {
  const width = style.width ?? 120;
  const mark = style.isUnicode ? "▲" : "!";
  const line = `ertis ${title}  ${showTime(state.nowMs)}`;
  if (state.staleness === "") {
    return paint(style, "strong", truncate(toPrintable(line), width, style.isUnicode));
  }
  const stale = `${mark} OUT OF DATE: ${state.staleness}  ${line}`;
  return paint(style, "bad", truncate(toPrintable(stale), width, style.isUnicode));
}

/**
 * What has nodes first, and behind it the head of the queue: a third of the rows is kept for jobs that wait,
 * because they are what somebody asks about.
 */
function chooseJobs(jobs: readonly Job[], rowCount: number): readonly Job[] {
  const inOrder = busiestFirst(jobs);
  const firstWaiting = inOrder.findIndex((job) => !hasNodes(job));
  const placedCount = firstWaiting === -1 ? inOrder.length : firstWaiting;
  const waitingCount = Math.min(inOrder.length - placedCount, Math.floor(rowCount / 3));
  const placed = inOrder.slice(0, Math.min(placedCount, rowCount - waitingCount));
  return [...placed, ...inOrder.slice(placedCount, placedCount + rowCount - placed.length)];
}

/** The largest job that waits, of those the oldest: the one whose reason is worth asking for. */
function findLargestWaiting(jobs: readonly Job[]): Job | undefined {
  const toGpuCount = ({ spec }: Job): number => (spec?.nodeCount ?? 0) * (spec?.gpusPerNode ?? 0);
  return busiestFirst(jobs.filter(({ state }) => state === JobState.QUEUED)).reduce<
    Job | undefined
  >(
    (largest, job) =>
      largest === undefined || toGpuCount(job) > toGpuCount(largest) ? job : largest,
    undefined,
  );
}

/** Commands that can be typed as they stand. */
function showHint(jobs: readonly Job[]): string {
  const asked = findLargestWaiting(jobs) ?? jobs[0];
  const why = asked === undefined ? "./ertis nodes" : `./ertis why ${asked.id}`;
  return `try beside it: ./ertis jobs, ${why}, ./ertis power; Ctrl-C ends`;
}

/** The combined view: the power tree in the upper half, what moves in the queue below it. */
export function renderTop(state: TopState, style: Style, rowCount: number): readonly string[] {
  const { nowMs } = state;
  const tree = renderPowerTree(state.domains, { style, hasHeaders: true, nowMs, isWide: false });
  const counts = showStateCounts(state.jobs, activeStates, showJobState);
  const ended = `; ${state.endedCount} ended since ${showTimeOfDay(state.sinceMs).slice(0, 5)}`;
  const width = style.width ?? 120;
  const summary =
    truncate(`jobs: ${counts}`, Math.max(0, width - ended.length), style.isUnicode) + ended;
  // The queue keeps at least a third of the rows, however deep the tree is.
  const treeRows = Math.min(tree.length, Math.max(3, Math.floor((rowCount * 2) / 3) - 3));
  const hasFooter = rowCount >= 16;
  const jobRows = Math.max(2, rowCount - treeRows - (hasFooter ? 6 : 4));
  const first = chooseJobs(state.jobs, jobRows);
  const columns = createJobColumns({ nowMs, isUnicode: style.isUnicode });
  const table = renderTable(first, columns, style, { hasHeaders: true, isWide: false });
  const rest = state.jobs.length - first.length;
  const lines = [
    renderLiveTitle(state.title, state, style),
    ...cutLines(tree, treeRows, style),
    "",
    paint(style, "strong", truncate(summary, width, style.isUnicode)),
    ...(state.jobs.length === 0 ? [] : table),
  ];
  const more = rest > 0 ? [paint(style, "dim", `${rest} more: ./ertis jobs`)] : [];
  const footer = hasFooter
    ? ["", paint(style, "dim", truncate(showHint(state.jobs), style.width ?? 120, style.isUnicode))]
    : [];
  const end = [...more, ...footer];
  return [...lines.slice(0, rowCount - end.length), ...end];
}
