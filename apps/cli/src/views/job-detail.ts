import {
  type Attempt,
  AttemptOutcome,
  attemptOutcomeToJSON,
  dependencyConditionToJSON,
  FailureCategory,
  failureCategoryToJSON,
  type Job,
  type NodePlacement,
  PriorityClass,
  priorityClassToJSON,
} from "@ertis/api";
import {
  showCount,
  showDuration,
  showEnergy,
  showEnum,
  showTimeFrom,
  showWatts,
} from "../output/format.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable } from "../terminal/text.ts";
import { type Field, renderFields } from "./fields.ts";
import { showJobState, showStateReason, toStateCell } from "./job-state.ts";
import { findLatestAttempt, showGang, showJobId, showTasks } from "./jobs-table.ts";

/** What the description of a job needs to know besides the job. */
export interface JobDetailView {
  readonly style: Style;
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

function showTimes(job: Job, nowMs: number): readonly Field[] {
  const begin = job.spec?.beginTimeMs ?? 0;
  const deadline = job.spec?.deadlineTimeMs ?? 0;
  return [
    { name: "submitted", text: showTimeFrom(job.submitTimeMs, nowMs) },
    { name: "begin", text: begin === 0 ? "" : showTimeFrom(begin, nowMs) },
    { name: "started", text: job.startTimeMs === 0 ? "" : showTimeFrom(job.startTimeMs, nowMs) },
    { name: "ended", text: job.endTimeMs === 0 ? "" : showTimeFrom(job.endTimeMs, nowMs) },
    {
      name: "deadline",
      text: deadline === 0 ? "" : `${showTimeFrom(deadline, nowMs)}${showMissed(job)}`,
      ...(job.deadlineMissedByMs > 0 ? { tone: "bad" as const } : {}),
    },
    {
      name: "kept for it",
      text:
        job.promisedStartTimeMs === 0
          ? ""
          : `a start by ${showTimeFrom(job.promisedStartTimeMs, nowMs)}`,
    },
  ];
}

function showMissed({ deadlineMissedByMs, endTimeMs }: Job): string {
  if (deadlineMissedByMs === 0) {
    return "";
  }
  const late = `: missed by ${showDuration(deadlineMissedByMs)}`;
  return endTimeMs > 0 ? late : `${late} if it uses its walltime`;
}

function showDependencies(job: Job): string {
  return (job.spec?.dependencies ?? [])
    .map(({ jobId, condition }) => {
      const word = showEnum(condition, dependencyConditionToJSON, "DEPENDENCY_CONDITION_");
      return `${word} ${jobId}`;
    })
    .join(", ");
}

function showPairs(pairs: ReadonlyMap<string, string> | undefined): string {
  return [...(pairs ?? [])].map(([key, value]) => `${key}=${value}`).join(" ");
}

function showPriority(priority: PriorityClass | undefined): string {
  return priority === undefined || priority === PriorityClass.UNSPECIFIED
    ? "normal"
    : showEnum(priority, priorityClassToJSON, "PRIORITY_CLASS_");
}

/** `, capped to 520 W (84 % of full speed, 3 nodes not there yet)`; nothing at full power. */
function showCap(attempt: Attempt): string {
  if (attempt.capWatts === 0) {
    return "";
  }
  const { capPendingNodeCount: pending, speedPermille } = attempt;
  const late = pending === 0 ? "" : `, ${pending} node${pending === 1 ? "" : "s"} not there yet`;
  const speed =
    speedPermille === 0 ? "" : ` (${Math.round(speedPermille / 10)} % of full speed${late})`;
  return `, capped to ${attempt.capWatts} W${speed}`;
}

/** How far it bends, as the options of submit say it. */
function showBending(job: Job): string {
  const { spec } = job;
  if (spec === undefined) {
    return "";
  }
  const { checkpoint, flexibilityTierPercent: tier } = spec;
  return [
    tier === 0 ? "" : `may lose ${tier} %`,
    spec.workloadClass,
    spec.capMinWatts === 0 ? "" : `caps from ${spec.capMinWatts} W`,
    spec.nodeCountMin === 0 ? "" : `from ${spec.nodeCountMin} nodes`,
    spec.walltimeMinMs === 0 ? "" : `from ${showDuration(spec.walltimeMinMs)}`,
    checkpoint === undefined
      ? ""
      : `saves in ${showDuration(checkpoint.saveMs)}, restores in ${showDuration(checkpoint.restoreMs)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function showWork(job: Job): string {
  const walltimeMs = job.spec?.walltimeMs ?? 0;
  return job.workDoneMs === 0 || walltimeMs === 0
    ? ""
    : `${showDuration(job.workDoneMs)} at full speed, of ${showDuration(walltimeMs)}`;
}

/** How an attempt goes or went, in one line. */
function showAttempt(attempt: Attempt, nowMs: number): string {
  const task = attempt.taskIndex === undefined ? "" : `task ${attempt.taskIndex}, `;
  const where = `on ${attempt.site}, ${showWatts(attempt.powerReservedWatts)} reserved${showCap(attempt)}`;
  if (attempt.outcome === AttemptOutcome.UNSPECIFIED) {
    const ends =
      attempt.endsByTimeMs === 0
        ? "nodes prepare"
        : `ends by ${showTimeFrom(attempt.endsByTimeMs, nowMs)}`;
    return `${task}${where}, ${ends}`;
  }
  const outcome = showEnum(attempt.outcome, attemptOutcomeToJSON, "ATTEMPT_OUTCOME_");
  const category =
    attempt.failureCategory === FailureCategory.UNSPECIFIED
      ? ""
      : ` (${showEnum(attempt.failureCategory, failureCategoryToJSON, "FAILURE_CATEGORY_")})`;
  const exit = attempt.exitCode === undefined ? "" : `, exit code ${attempt.exitCode}`;
  const began = attempt.startTimeMs === 0 ? attempt.placedTimeMs : attempt.startTimeMs;
  const took = `after ${showDuration(attempt.endTimeMs - began)}`;
  if (isPaused(attempt)) {
    return `${task}${where}, ${attempt.message} ${took}`;
  }
  const message = attempt.message === "" ? "" : `: ${attempt.message}`;
  return `${task}${where}, ${outcome}${category} ${took}${exit}${message}`;
}

/** Its message says all: what it was paused for. */
function isPaused({ outcome, message }: Attempt): boolean {
  return outcome === AttemptOutcome.PREEMPTED && message.startsWith("paused for ");
}

/** How a job ended, in one line: `failed (the program failed), exit code 137, after 1 min`. */
export function showEnd(job: Job): string {
  const words = [showStateReason(job), job.stateMessage].filter((part) => part !== "").join(": ");
  const exitCode = job.taskCounts === undefined ? findLatestAttempt(job)?.exitCode : undefined;
  const parts = [
    showJobState(job.state) + (words === "" ? "" : ` (${words})`),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(job.startTimeMs === 0 ? [] : [`after ${showDuration(job.endTimeMs - job.startTimeMs)}`]),
    ...(job.taskCounts === undefined ? [] : [showTasks(job)]),
  ];
  return parts.join(", ");
}

const mostNodes = 8;

/** `0-7`, or `0-2,5`: ascending indices, neighbours as a range. */
export function showRanges(indices: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const index of indices) {
    const range = ranges.at(-1);
    if (range !== undefined && index === range.last + 1) {
      range.last = index;
    } else {
      ranges.push({ first: index, last: index });
    }
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}

/** One line for each node, as many as fit a glance. */
export function toNodeFields(name: string, nodes: readonly NodePlacement[]): readonly Field[] {
  const shown = nodes.slice(0, mostNodes);
  const rest = nodes.length - shown.length;
  const more = rest > 0 ? [{ name: "", text: `and ${rest} more (-o json shows all)` }] : [];
  const lines = shown.map(({ nodeId, gpuIndices }, index) => ({
    name: index === 0 ? name : "",
    // Which GPUs is open until the start.
    text: gpuIndices.length === 0 ? nodeId : `${nodeId} [${showRanges(gpuIndices)}]`,
  }));
  return [...lines, ...more];
}

const mostAttempts = 6;

/** The last that ended, then those that go on; of an array a few of each. */
function chooseAttempts(attempts: readonly Attempt[]): readonly Attempt[] {
  const inOrder = attempts.toSorted((left, right) => left.placedTimeMs - right.placedTimeMs);
  const going = inOrder.filter(({ endTimeMs }) => endTimeMs === 0);
  const ended = inOrder.filter(({ endTimeMs }) => endTimeMs > 0);
  return [...ended.slice(-mostAttempts), ...going.slice(0, mostAttempts)];
}

function attemptFields(job: Job, nowMs: number): readonly Field[] {
  return chooseAttempts(job.attempts).flatMap((attempt) => [
    { name: `attempt ${attempt.number}`, text: showAttempt(attempt, nowMs) },
    ...(attempt.outcome === AttemptOutcome.UNSPECIFIED ? toNodeFields("", attempt.nodes) : []),
  ]);
}

function showAttemptCount(job: Job): string {
  const shown = chooseAttempts(job.attempts).length;
  const rest = job.attemptCount - shown;
  if (rest <= 0) {
    return "";
  }
  const word = rest === 1 ? "attempt" : "attempts";
  return shown === 0 ? `${showCount(rest)} ${word}` : `and ${showCount(rest)} more ${word}`;
}

/** A job for people, whole. */
export function renderJob(job: Job, view: JobDetailView): readonly string[] {
  const { style, nowMs } = view;
  const { spec } = job;
  const state = toStateCell(job.state, style.isUnicode);
  const reason = [showStateReason(job), job.stateMessage].filter((part) => part !== "").join(": ");
  const retries = spec?.retryPolicy?.maxRetries ?? 0;
  const title = `${showJobId(job)} ${spec?.name ?? ""}`;
  return [
    paint(style, "strong", toPrintable(title)),
    ...renderFields(
      [
        {
          name: "state",
          text: state.text + (reason === "" ? "" : ` (${reason})`),
          tone: state.tone,
        },
        { name: "owner", text: `${job.owner}, project ${spec?.project ?? ""}` },
        { name: "priority", text: showPriority(spec?.priorityClass) },
        {
          name: "gpus",
          text: `${showGang(job, style.isUnicode)} ${spec?.gpuModel === "" ? "of any one model" : (spec?.gpuModel ?? "")}`,
        },
        { name: "site", text: spec?.site ?? "" },
        { name: "walltime", text: showDuration(spec?.walltimeMs ?? 0) },
        { name: "bends", text: showBending(job) },
        ...showTimes(job, nowMs),
        { name: "work done", text: showWork(job) },
        { name: "waits for", text: showDependencies(job) },
        { name: "tasks", text: showTasks(job) },
        {
          name: "retries",
          text: retries === 0 ? "" : `${job.retriesUsedCount} of ${retries} used`,
        },
        ...attemptFields(job, nowMs),
        { name: "", text: showAttemptCount(job) },
        {
          name: "energy",
          text: job.energyJoules === 0n ? "" : `${showEnergy(job.energyJoules)} at most`,
        },
        { name: "image", text: spec?.image ?? "" },
        { name: "command", text: [...(spec?.command ?? []), ...(spec?.args ?? [])].join(" ") },
        { name: "labels", text: showPairs(spec?.labels) },
        { name: "env", text: showPairs(spec?.env) },
        { name: "preemptible", text: spec?.preemptible === true ? "yes" : "" },
      ],
      style,
    ),
  ];
}
