import {
  type Attempt as ApiAttempt,
  AttemptOutcome,
  FailureCategory,
  type Job as ApiJob,
  type JobSpec as ApiJobSpec,
  JobState as ApiJobState,
  JobView as ApiJobView,
  type TaskCounts as ApiTaskCounts,
} from "@ertis/api";
import { toJoulesFloor, toNumber } from "@ertis/quantities";
import type {
  AttemptView,
  JobSpec,
  JobView,
  TaskCounts,
  TaskView,
  Workload,
} from "@ertis/scheduler-engine";
import { flexibilityToApi } from "./spec-flexibility.ts";
import { categoryToApi, codeOf, conditionToApi, jobStateToApi, priorityToApi } from "./enums.ts";

export interface JobDetail {
  /** False: without the long parts of the spec and the nodes of attempts. */
  readonly isFull: boolean;
  /** False: script, environment, command and arguments are somebody else's business. */
  readonly mayHaveProgram: boolean;
  /** Empty: not remembered any more. */
  readonly requestId: string;
}

export function isFullView(view: ApiJobView): boolean {
  return view === ApiJobView.FULL;
}

/** A job, or one task of an array, as the contract shows it. */
export function jobToApi(view: JobView | TaskView, detail: JobDetail): ApiJob {
  const { spec } = view;
  const isArray = spec.taskCount > 1;
  const task = "task" in view ? view.task : undefined;
  const isTask = isArray && task !== undefined;
  return {
    id: isTask ? `${view.number}_${task}` : `${view.number}`,
    owner: view.owner,
    state: view.state === undefined ? ApiJobState.UNSPECIFIED : jobStateToApi[view.state],
    stateReason: codeOf(view.reason),
    spec: specToApi(spec, detail),
    submitTimeMs: view.submittedAtMs,
    queuedTimeMs: queuedTimeMs(view),
    startTimeMs: view.firstStartedAtMs ?? 0,
    endTimeMs: view.finishedAtMs ?? 0,
    attempts: view.attempts.toSorted(byAge).map((attempt) => attemptToApi(attempt, isArray)),
    taskCounts: isArray && "taskCounts" in view ? taskCountsToApi(view.taskCounts) : undefined,
    energyJoules: toJoulesFloor(view.energyUpperBound),
    generation: view.generation,
    attemptCount: view.attempts.reduce((most, { attempt }) => Math.max(most, attempt), 0),
    retriesUsedCount: view.retriesUsedCount,
    taskIndex: isTask ? task : undefined,
    stateMessage: view.message,
    requestId: detail.requestId,
    workDoneMs: view.workDoneMs,
    promisedStartTimeMs: view.reservedStartMs ?? 0,
    deadlineMissedByMs: view.deadlineLateMs,
  };
}

/** The oldest first; those of one moment by their names. */
function byAge(a: AttemptView, b: AttemptView): number {
  return a.startedAtMs - b.startedAtMs || a.task - b.task || a.attempt - b.attempt;
}

/** A job that nothing held back was queued when it came, or when its begin time did. */
function queuedTimeMs(view: JobView | TaskView): number {
  const isWaiting = view.state === "held" || view.state === "waiting";
  if (isWaiting || view.spec.dependencies.length > 0 || view.spec.isHeld) {
    return 0;
  }
  const beginMs = view.spec.beginAt === undefined ? 0 : toNumber(view.spec.beginAt);
  return Math.max(view.submittedAtMs, beginMs);
}

const noTexts: string[] = [];

function specToApi(spec: JobSpec, detail: JobDetail): ApiJobSpec {
  const isWhole = detail.isFull && detail.mayHaveProgram;
  return {
    project: spec.project,
    name: spec.name,
    nodeCount: spec.nodeCount,
    gpusPerNode: spec.gpusPerNode,
    walltimeMs: toNumber(spec.walltime),
    image: spec.workload.image,
    ...(isWhole ? programToApi(spec.workload) : noProgram()),
    priorityClass: priorityToApi[spec.priorityClass],
    preemptible: spec.preemptible,
    held: spec.isHeld,
    gpuModel: spec.gpuModel,
    site: spec.site,
    labels: new Map(Object.entries(spec.labels)),
    workingDirectory: spec.workload.workingDirectory,
    beginTimeMs: spec.beginAt === undefined ? 0 : toNumber(spec.beginAt),
    dependencies: spec.dependencies.map(({ job, condition }) => ({
      jobId: `${job}`,
      condition: conditionToApi[condition],
    })),
    array:
      spec.taskCount === 1 ? undefined : { taskCount: spec.taskCount, throttle: spec.taskThrottle },
    retryPolicy: {
      maxRetries: spec.retry.maxRetries,
      categories: spec.retry.categories.map((category) => categoryToApi[category]),
    },
    ...flexibilityToApi(spec),
  };
}

type Program = Pick<ApiJobSpec, "script" | "command" | "args" | "env">;

function programToApi(workload: Workload): Program {
  return {
    script: workload.script,
    command: [...workload.command],
    args: [...workload.args],
    env: new Map(Object.entries(workload.environment)),
  };
}

function noProgram(): Program {
  return { script: "", command: noTexts, args: noTexts, env: new Map() };
}

function attemptToApi(view: AttemptView, isArray: boolean): ApiAttempt {
  const { outcome } = view;
  const hasProgramEnded =
    outcome !== undefined && (outcome.kind === "succeeded" || outcome.category === "application");
  return {
    number: view.attempt,
    taskIndex: isArray ? view.task : undefined,
    site: view.site,
    nodes: view.nodes.map(({ node, gpuIndices }) => ({
      nodeId: node,
      gpuIndices: [...gpuIndices],
    })),
    placedTimeMs: view.startedAtMs,
    startTimeMs: view.phase === "starting" ? 0 : view.startedAtMs,
    endsByTimeMs: view.endsByMs,
    endTimeMs: view.exitedAtMs ?? 0,
    powerReservedWatts: view.powerReservedWatts,
    outcome: outcomeOf(view),
    failureCategory:
      outcome?.kind === "failed" ? categoryToApi[outcome.category] : FailureCategory.UNSPECIFIED,
    exitCode: hasProgramEnded ? (outcome.kind === "failed" ? outcome.exitCode : 0) : undefined,
    message: stopText(view),
    capWatts: view.capWatts,
    capPendingNodeCount: view.capPendingNodeCount,
    capFloorWatts: view.floorCapWatts,
    speedPermille: view.speedPermille,
    nodeCount: view.nodeCount,
  };
}

function stopText({ stopReason, pausedFor }: AttemptView): string {
  if (pausedFor !== undefined) {
    return pausedFor === ""
      ? "paused for lost or cut power"
      : `paused for curtailment ${pausedFor}`;
  }
  return stopReason === undefined ? "" : `stopped: ${stopReason}`;
}

function outcomeOf({ outcome, stopReason }: AttemptView): AttemptOutcome {
  if (outcome === undefined) {
    return AttemptOutcome.UNSPECIFIED;
  }
  if (outcome.kind === "succeeded") {
    return AttemptOutcome.SUCCEEDED;
  }
  switch (stopReason) {
    case "cancelled":
      return AttemptOutcome.CANCELLED;
    case "preemption":
    case "drain":
      return AttemptOutcome.PREEMPTED;
    case "walltime":
    case "node":
    case undefined:
      return AttemptOutcome.FAILED;
  }
}

function taskCountsToApi(counts: TaskCounts): ApiTaskCounts {
  return {
    heldCount: counts.held,
    waitingCount: counts.waiting,
    queuedCount: counts.queued,
    startingCount: counts.starting,
    runningCount: counts.running,
    stoppingCount: counts.stopping,
    succeededCount: counts.succeeded,
    failedCount: counts.failed,
    cancelledCount: counts.cancelled,
  };
}

/** About how many bytes a job has on the wire: enough to end a page before it grows too large. */
export function approximateBytes(job: ApiJob): number {
  let bytes = 400 + job.stateMessage.length;
  const { spec } = job;
  if (spec !== undefined) {
    bytes += spec.script.length + spec.name.length + spec.image.length;
    for (const text of [...spec.command, ...spec.args]) {
      bytes += text.length + 3;
    }
    for (const [name, value] of [...spec.env, ...spec.labels]) {
      bytes += name.length + value.length + 6;
    }
  }
  for (const attempt of job.attempts) {
    bytes += 60;
    for (const { nodeId, gpuIndices } of attempt.nodes) {
      bytes += nodeId.length + gpuIndices.length + 6;
    }
  }
  return bytes;
}
