import {
  type Explanation,
  ExplanationReason,
  PlanJobResponse,
  type PlannedStart,
  type Rejection,
} from "@ertis/api";
import type { JobRequest } from "@ertis/client";
import { showTimeFrom, showWatts } from "../output/format.ts";
import { toLocalMoments } from "../output/local-moments.ts";
import type { Listing } from "../output/print.ts";
import type { Cell } from "../output/table.ts";
import { showMissed } from "./plan.ts";

/** A job of a file, and what would become of it. */
export interface PlannedJob {
  readonly spec: JobRequest;
  readonly answer: PlanJobResponse;
}

/** It waits until somebody changes a quota, a budget or a site. */
const neverStarts: ReadonlySet<number> = new Set([
  ExplanationReason.ABOVE_QUOTA,
  ExplanationReason.NEVER_FITS_NOW,
]);

/** The start that is planned, or would be kept; undefined: none. */
function startOf({ answer: { result, promisedStart } }: PlannedJob): PlannedStart | undefined {
  switch (result?.$case) {
    case "startNow":
    case "startAfterPreemption":
    case "startAfterLowering":
      return result.value;
    default:
      return promisedStart;
  }
}

function toResult({ answer: { result } }: PlannedJob): Cell {
  switch (result?.$case) {
    case "startNow":
      return { text: "starts now", tone: "good" };
    case "startAfterPreemption":
      return { text: "starts once others have stopped", tone: "warn" };
    case "startAfterLowering":
      return { text: "starts once caps of others have fallen", tone: "good" };
    case "waits":
      return neverStarts.has(result.value.reason)
        ? { text: "cannot start as things are", tone: "bad" }
        : { text: "waits", tone: "warn" };
    case "refused":
      return { text: `refused (${result.value.reason})`, tone: "bad" };
    case undefined:
      return { text: "no answer", tone: "bad" };
  }
}

function showStart(job: PlannedJob): string {
  const start = startOf(job);
  if (start !== undefined) {
    return start.startTimeMs === 0 ? "-" : showTimeFrom(start.startTimeMs, start.computedAtTimeMs);
  }
  const { result } = job.answer;
  return result?.$case === "waits" ? showEarliest(result.value) : "-";
}

/** Of who waits and is kept no start yet: a bound or an estimate, as its own plan tells it. */
function showEarliest({
  earliestStartTimeMs,
  startOptions,
  computedAtTimeMs,
  headJobId,
}: Explanation): string {
  const estimate = startOptions.findLast(({ isEstimate }) => isEstimate)?.earliestStartTimeMs ?? 0;
  const bound = headJobId === "" ? earliestStartTimeMs : 0;
  if (estimate > 0) {
    return `about ${showTimeFrom(estimate, computedAtTimeMs)}`;
  }
  return bound === 0 ? "-" : `not before ${showTimeFrom(bound, computedAtTimeMs)}`;
}

function showPower(start: PlannedStart | undefined): string {
  if (start === undefined) {
    return "-";
  }
  const cap = start.capWatts === 0 ? "" : `, ${start.capWatts} W a GPU`;
  return `${showWatts(start.powerReservedWatts)}${cap}`;
}

/** Of who starts, a deadline that is missed: who waits is told so in the reason. */
function showWhy(job: PlannedJob): string {
  const { result } = job.answer;
  switch (result?.$case) {
    case "waits":
      return toLocalMoments(result.value.summary, result.value.computedAtTimeMs);
    case "refused":
      return showRejection(result.value);
    default: {
      const start = startOf(job);
      const missed = start === undefined ? "" : showMissed(start, job.spec.deadlineTimeMs ?? 0);
      return missed === "" ? "" : `deadline ${missed}`;
    }
  }
}

function showRejection({ field, message }: Rejection): string {
  return field === "" ? message : `${field}: ${message}`;
}

/** One row a job. */
export function createPlanListing(isUnicode: boolean): Listing<PlannedJob> {
  const times = isUnicode ? "×" : "x";
  return {
    columns: [
      { title: "JOB", cell: ({ spec }) => spec.name ?? "", shrinkTo: 10 },
      {
        title: "GPUS",
        align: "right",
        cell: ({ spec: { nodeCount = 1, gpusPerNode = 1 } }) =>
          nodeCount === 1 ? `${gpusPerNode}` : `${nodeCount}${times}${gpusPerNode}`,
      },
      { title: "WOULD", cell: toResult },
      { title: "START", cell: showStart },
      { title: "SITE", dropOrder: 3, cell: (job) => startOf(job)?.site ?? "-" },
      { title: "MODEL", dropOrder: 2, cell: (job) => startOf(job)?.gpuModel ?? "-" },
      { title: "POWER", dropOrder: 4, cell: (job) => showPower(startOf(job)) },
      { title: "WHY", dropOrder: 1, shrinkTo: 24, cell: showWhy },
    ],
    toJson: ({ spec, answer }) => ({ name: spec.name ?? "", plan: PlanJobResponse.toJSON(answer) }),
    toName: ({ answer }) => answer.result?.$case ?? "",
  };
}
