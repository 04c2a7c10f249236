import { addEnergy, type Energy, noEnergy, toNumber } from "@ertis/quantities";
import { reservationOf } from "../../placement/find.ts";
import { speedUnder } from "../../power/shedding/curves.ts";
import { energyChargedAt } from "../../power/holding.ts";
import { workAddedMs } from "../../power/shedding/work.ts";
import type { EngineState } from "../../state/engine-state.ts";
import {
  activeAttempts,
  type Attempt,
  type Job,
  type JobState,
  jobState,
} from "../../state/job.ts";
import { taskCountOf } from "../../state/task-ranges.ts";
import type { AttemptOutcome, Placement, StopReason } from "../../words/attempt.ts";
import type { JobNumber, JobSpec } from "../../words/job-spec.ts";
import { deadlineLateMs } from "./deadline-late.ts";
import { type JobStateReason, stateReason } from "./state-reason.ts";

/** At most this many attempts of one job are shown. */
const attemptsShownMax = 64;

/** How many tasks are in each state; a job that is not an array has one task. */
export type TaskCounts = Readonly<Record<JobState, number>>;

/** GPUs that an attempt holds or held on one node. */
export interface NodePlacementView {
  /** Path of the node. */
  readonly node: string;
  /** Ascending, from 0. */
  readonly gpuIndices: readonly number[];
}

export interface AttemptView {
  /** 0 for a job that is not an array. */
  readonly task: number;
  /** From 1. */
  readonly attempt: number;
  readonly site: string;
  readonly nodeCount: number;
  readonly gpuCount: number;
  /** Empty unless the whole view was asked for. */
  readonly nodes: readonly NodePlacementView[];
  readonly phase: Attempt["phase"];
  readonly isWarned: boolean;
  readonly stopReason: StopReason | undefined;
  /** Stopped by a curtailment: its id; "" of what bounds must not exceed. */
  readonly pausedFor: string | undefined;
  /** Absent: it goes on. */
  readonly outcome: AttemptOutcome | undefined;
  /** When it was placed. */
  readonly startedAtMs: number;
  /** When its walltime is over. */
  readonly endsByMs: number;
  readonly exitedAtMs: number | undefined;
  readonly powerReservedWatts: number;
  /** Nodes whose stop is not confirmed yet. */
  readonly heldNodeCount: number;
  /** The cap that is wanted on each of its GPUs; 0: none. */
  readonly capWatts: number;
  /** Nodes that have not acknowledged a lowered cap. */
  readonly capPendingNodeCount: number;
  /** The lowest cap that its tier tolerates; 0: it cannot be capped. */
  readonly floorCapWatts: number;
  /** Speed of the whole gang at the cap, in thousandths of full speed; 0: it is over. */
  readonly speedPermille: number;
}

/** A job as readers see it, as of the state it was read from. */
export interface JobView {
  readonly number: JobNumber;
  readonly owner: string;
  readonly spec: JobSpec;
  readonly state: JobState;
  readonly reason: JobStateReason | undefined;
  /** For people: more about the state, for example the reason given with a cancel; may be empty. */
  readonly message: string;
  readonly submittedAtMs: number;
  readonly firstStartedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly taskCounts: TaskCounts;
  /** Those that go on or hold nodes, then the last that are over, oldest first. */
  readonly attempts: readonly AttemptView[];
  /** The most energy all its attempts can have added so far: watts reserved under the caps in force × time held. */
  readonly energyUpperBound: Energy;
  /** Measured, of all attempts that have exited; 0 where nobody measures. */
  readonly energyJoules: bigint;
  /** Of all tasks. */
  readonly attemptCount: number;
  readonly retriesUsedCount: number;
  /** Grows with every change of the job. */
  readonly generation: number;
  /** Work done so far and kept, in ms at full speed of the whole gang; 0 for an array. */
  readonly workDoneMs: number;
  /** The start that is kept for it; undefined: none. */
  readonly reservedStartMs: number | undefined;
  /** By how much it misses its deadline, see `deadline-late.ts`; 0: it has none, or may keep it. */
  readonly deadlineLateMs: number;
}

/** How much of a job is read: `whole` adds the nodes of its attempts. */
export type ViewDetail = "summary" | "whole";

export function jobView(state: EngineState, job: Job, detail: ViewDetail): JobView {
  const attempts = shownAttempts(job);
  const { finishedAtMs } = job;
  return {
    number: job.number,
    owner: job.owner,
    spec: job.spec,
    state: jobState(job),
    reason: stateReason(state, job),
    message: job.reason,
    submittedAtMs: job.submittedAtMs,
    firstStartedAtMs: job.firstStartedAtMs,
    finishedAtMs,
    taskCounts: taskCounts(job),
    attempts: attempts.map((attempt) => attemptView(state, attempt, detail)),
    energyUpperBound: addEnergy(job.energyReserved, energyUpperBound(state, activeAttempts(job))),
    energyJoules: job.energyJoules,
    attemptCount: job.attemptCount,
    retriesUsedCount: job.retriesUsedCount,
    generation: job.generation,
    workDoneMs: job.spec.taskCount > 1 ? 0 : workOfTask(state, job, 0),
    reservedStartMs: reservationOf(state, job)?.startAtMs,
    deadlineLateMs: deadlineLateMs(state, job, {
      finishedAtMs,
      active: activeAttempts(job),
      isPending: job.pending.length > 0,
    }),
  };
}

/** What checkpoints kept of a task, and what its attempt has added since. */
export function workOfTask(state: EngineState, job: Job, task: number): number {
  const kept = job.tries?.get(task)?.workDoneMs ?? 0;
  const attempt = job.active?.get(task);
  const isWorking = attempt !== undefined && attempt.phase !== "exited";
  return kept + (isWorking ? workAddedMs(attempt, state.nowMs, job) : 0);
}

function shownAttempts(job: Job): readonly Attempt[] {
  return [...activeAttempts(job), ...job.history].slice(0, attemptsShownMax);
}

export function attemptView(state: EngineState, attempt: Attempt, detail: ViewDetail): AttemptView {
  const { placement } = attempt;
  return {
    task: attempt.task,
    attempt: attempt.attempt,
    site: placement.site,
    nodeCount: placement.nodes.length,
    gpuCount: placement.gpuMasks.reduce((sum, mask) => sum + gpuIndices(mask).length, 0),
    nodes: detail === "whole" ? placementView(state, placement) : [],
    phase: attempt.phase,
    isWarned: attempt.isWarned,
    stopReason: attempt.stopReason,
    pausedFor: attempt.pausedFor,
    outcome: attempt.outcome,
    startedAtMs: attempt.startedAtMs,
    endsByMs: attempt.endsByMs,
    exitedAtMs: attempt.exitedAtMs,
    powerReservedWatts: toNumber(placement.powerReserved),
    heldNodeCount: attempt.heldNodes.length,
    capWatts: attempt.capWatts,
    capPendingNodeCount: attempt.capInForce?.size ?? 0,
    floorCapWatts: attempt.floorCapWatts,
    speedPermille: attemptSpeedPermille(state, attempt),
  };
}

/** Of the whole gang at full power, in thousandths; 0: it has exited. */
export function attemptSpeedPermille(state: EngineState, attempt: Attempt): number {
  if (attempt.phase === "exited") {
    return 0;
  }
  const nodeCountFull = state.jobs.get(attempt.job)?.spec.nodeCount ?? 1;
  const share = attempt.placement.nodes.length / nodeCountFull;
  return Math.floor(speedUnder(attempt.curve, attempt.capWatts) * share * 1000);
}

/** Paths and GPU indices of a placement. A node that an edited site no longer has is left out. */
export function placementView(state: EngineState, placement: Placement): NodePlacementView[] {
  const nodes = state.sites.get(placement.site)?.site.nodes ?? [];
  return placement.nodes.flatMap((node, index) => {
    const id = nodes[node]?.id;
    return id === undefined
      ? []
      : [{ node: id, gpuIndices: gpuIndices(placement.gpuMasks[index] ?? 0) }];
  });
}

function gpuIndices(mask: number): number[] {
  const indices: number[] = [];
  for (let index = 0; mask >> index > 0; index += 1) {
    if (((mask >> index) & 1) === 1) {
      indices.push(index);
    }
  }
  return indices;
}

function taskCounts(job: Job): TaskCounts {
  const counts: Record<JobState, number> = {
    held: 0,
    waiting: 0,
    queued: 0,
    starting: 0,
    running: 0,
    stopping: 0,
    succeeded: job.succeededCount,
    failed: job.failedCount,
    cancelled: job.cancelledCount,
  };
  counts[pendingState(job)] = taskCountOf(job.pending);
  for (const attempt of job.active?.values() ?? []) {
    // One that exited for good is among the finished already, though its nodes may still be held.
    if (attempt.phase !== "exited") {
      counts[attempt.phase] += 1;
    } else if (attempt.isRetried) {
      counts.stopping += 1;
    }
  }
  return counts;
}

/** The state of every task of a job that has no attempt yet. */
export function pendingState(job: Job): "held" | "waiting" | "queued" {
  if (job.isHeld) {
    return "held";
  }
  return job.isReady ? "queued" : "waiting";
}

/** What attempts were charged so far: watts reserved under the caps in force × time held. */
export function energyUpperBound(state: EngineState, attempts: readonly Attempt[]): Energy {
  let sum = noEnergy;
  for (const attempt of attempts) {
    sum = addEnergy(sum, energyChargedAt(attempt, state.nowMs));
  }
  return sum;
}
