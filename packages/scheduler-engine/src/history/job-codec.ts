import { noHolding } from "@ertis/power-planning";
import { millijoules, noEnergy, toMillijoules } from "@ertis/quantities";
import { gpuCountOf } from "../state/bounds.ts";
import { known } from "../state/assert.ts";
import { addAttempt, type Attempt, createJob, type Job, type TaskTries } from "../state/job.ts";
import type { TaskRanges } from "../state/task-ranges.ts";
import { noTasks, onlyTask } from "../state/task-ranges.ts";
import type { AttemptOutcome, StopReason } from "../words/attempt.ts";
import { decodeCharge, encodeCharge, type EncodedCharge } from "./charge-codec.ts";
import { decodePlacement, encodePlacement, type EncodedPlacement } from "./placement-codec.ts";
import type { SharedParts, SharedPartsWriter } from "./shared-parts.ts";
import { decodeSpec, encodeSpec, type EncodedSpec } from "./spec-codec.ts";

const isHeld = 1;
const isCancelled = 2;
const isReady = 4;

interface EncodedAttempt {
  readonly task: number;
  readonly attempt: number;
  readonly placement: EncodedPlacement;
  readonly startedAtMs: number;
  /** Only while it runs: nobody asks afterwards. */
  readonly runsFromMs?: number;
  readonly endsByMs: number;
  readonly phase: Attempt["phase"];
  readonly isWarned: boolean;
  readonly stopReason?: StopReason;
  readonly pausedFor?: string;
  readonly goneByMs?: number;
  readonly outcome?: AttemptOutcome;
  readonly exitedAtMs?: number;
  readonly isRetried: boolean;
  readonly heldNodes: readonly number[];
  /** Absent: as of most, see `charge-codec.ts`. */
  readonly charged?: EncodedCharge;
  /** Absent: not known. */
  readonly neededCapWatts?: number;
  /** Only of an attempt that is or was capped, that resumes another, or that stops. */
  readonly work?: EncodedWork;
}

interface EncodedWork {
  readonly workMs: number;
  readonly leftMs: number;
  readonly atMs: number;
  readonly capWatts: number;
  readonly capOrder: number;
  readonly capInForce?: readonly (readonly [node: number, capWatts: number])[];
  readonly isCheckpointed?: true;
}

/** The parts of a job that most jobs do not have. */
interface EncodedRest {
  readonly active?: readonly EncodedAttempt[];
  readonly history?: readonly EncodedAttempt[];
  readonly tries?: readonly (readonly [number, TaskTries])[];
  readonly reason?: string;
  /** Decimal, since a bigint is no JSON. */
  readonly energyJoules?: string;
  readonly energyReservedMillijoules?: string;
  readonly attemptCount?: number;
  readonly retriesUsedCount?: number;
  readonly failedTasks?: TaskRanges;
  readonly cancelledTasks?: TaskRanges;
}

/**
 * A job in a snapshot: number, owner, spec, submitted ms, flags, pending tasks, running, succeeded,
 * failed, cancelled, first start ms (0: none), finish ms (0: none), generation, the rest.
 */
export type EncodedJob = readonly [
  number,
  string,
  EncodedSpec,
  number,
  number,
  TaskRanges,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  EncodedRest | 0,
];

export function encodeJob(job: Job, shared: SharedPartsWriter): EncodedJob {
  const flags =
    (job.isHeld ? isHeld : 0) | (job.isCancelled ? isCancelled : 0) | (job.isReady ? isReady : 0);
  return [
    job.number,
    job.owner,
    encodeSpec(job.spec, shared),
    job.submittedAtMs,
    flags,
    job.pending,
    job.runningCount,
    job.succeededCount,
    job.failedCount,
    job.cancelledCount,
    job.firstStartedAtMs ?? 0,
    job.finishedAtMs ?? 0,
    job.generation,
    encodeRest(job),
  ];
}

function encodeRest(job: Job): EncodedRest | 0 {
  const { active, history, tries, reason, energyJoules } = job;
  if (
    active === undefined &&
    history.length === 0 &&
    (tries === undefined || tries.size === 0) &&
    reason === "" &&
    job.attemptCount === 0 &&
    job.cancelledTasks.length === 0
  ) {
    return 0;
  }
  return {
    ...(active === undefined ? {} : { active: [...active.values()].map(encodeAttempt) }),
    ...(history.length === 0 ? {} : { history: history.map(encodeAttempt) }),
    ...(tries === undefined || tries.size === 0 ? {} : { tries: [...tries] }),
    ...(reason === "" ? {} : { reason }),
    ...(energyJoules === 0n ? {} : { energyJoules: energyJoules.toString() }),
    ...(job.energyReserved === noEnergy
      ? {}
      : { energyReservedMillijoules: toMillijoules(job.energyReserved).toString() }),
    ...(job.attemptCount === 0 ? {} : { attemptCount: job.attemptCount }),
    ...(job.retriesUsedCount === 0 ? {} : { retriesUsedCount: job.retriesUsedCount }),
    ...(job.failedTasks.length === 0 ? {} : { failedTasks: job.failedTasks }),
    ...(job.cancelledTasks.length === 0 ? {} : { cancelledTasks: job.cancelledTasks }),
  };
}

function encodeAttempt(attempt: Attempt): EncodedAttempt {
  const { stopReason, pausedFor, outcome, exitedAtMs, phase, runsFromMs } = attempt;
  return {
    task: attempt.task,
    attempt: attempt.attempt,
    placement: encodePlacement(attempt.placement),
    startedAtMs: attempt.startedAtMs,
    ...(phase === "running" ? { runsFromMs } : {}),
    endsByMs: attempt.endsByMs,
    phase,
    isWarned: attempt.isWarned,
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(pausedFor === undefined ? {} : { pausedFor }),
    ...(attempt.goneByMs === Infinity ? {} : { goneByMs: attempt.goneByMs }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(exitedAtMs === undefined ? {} : { exitedAtMs }),
    isRetried: attempt.isRetried,
    heldNodes: attempt.heldNodes,
    ...encodeCharge(attempt),
    ...(attempt.neededCapWatts === 0 ? {} : { neededCapWatts: attempt.neededCapWatts }),
    ...encodeWork(attempt),
  };
}

function encodeWork(attempt: Attempt): { readonly work?: EncodedWork } {
  const { workMs, workLeftMs, workAtMs, capWatts, capOrder, capInForce } = attempt;
  const isPlain =
    attempt.placement.capWatts === 0 && capOrder === 0 && attempt.stopReason !== "preemption";
  if (isPlain && workMs === attempt.endsByMs - attempt.startedAtMs) {
    // All of it follows from start and end.
    return {};
  }
  return {
    work: {
      workMs,
      leftMs: workLeftMs,
      atMs: workAtMs,
      capWatts,
      capOrder,
      ...(capInForce === undefined ? {} : { capInForce: [...capInForce] }),
      ...(attempt.isCheckpointed ? { isCheckpointed: true as const } : {}),
    },
  };
}

export function decodeJob(encoded: EncodedJob, parts: SharedParts): Job {
  const [number, owner, spec, submittedAtMs, flags, pending] = encoded;
  const job = createJob(number, owner, decodeSpec(spec, parts), submittedAtMs);
  job.isHeld = (flags & isHeld) !== 0;
  job.isCancelled = (flags & isCancelled) !== 0;
  job.isReady = (flags & isReady) !== 0;
  job.pending = pending.length === 2 && pending[0] === 0 && pending[1] === 0 ? onlyTask : pending;
  [job.runningCount, job.succeededCount, job.failedCount, job.cancelledCount] = [
    encoded[6],
    encoded[7],
    encoded[8],
    encoded[9],
  ];
  job.firstStartedAtMs = encoded[10] === 0 ? undefined : encoded[10];
  job.finishedAtMs = encoded[11] === 0 ? undefined : encoded[11];
  job.generation = encoded[12];
  decodeRest(job, encoded[13]);
  return job;
}

function decodeRest(job: Job, rest: EncodedRest | 0): void {
  if (rest === 0) {
    return;
  }
  for (const attempt of rest.active ?? []) {
    addAttempt(job, decodeAttempt(job, attempt));
  }
  if (rest.history !== undefined) {
    job.history = rest.history.map((attempt) => decodeAttempt(job, attempt));
  }
  if (rest.tries !== undefined) {
    job.tries = new Map(rest.tries);
  }
  job.reason = rest.reason ?? "";
  job.energyJoules = BigInt(rest.energyJoules ?? 0);
  job.energyReserved = millijoules(BigInt(rest.energyReservedMillijoules ?? 0));
  job.attemptCount = rest.attemptCount ?? 0;
  job.retriesUsedCount = rest.retriesUsedCount ?? 0;
  job.failedTasks = rest.failedTasks ?? noTasks;
  job.cancelledTasks = rest.cancelledTasks ?? noTasks;
}

type Work = Pick<
  Attempt,
  | "workMs"
  | "workLeftMs"
  | "workAtMs"
  | "capWatts"
  | "capOrder"
  | "capInForce"
  | "curve"
  | "floorCapWatts"
  | "isCheckpointed"
  | "endTimerMs"
  | "warningTimerMs"
>;

function decodeWork({ work, startedAtMs, endsByMs }: EncodedAttempt): Work {
  const workMs = work?.workMs ?? endsByMs - startedAtMs;
  return {
    workMs,
    workLeftMs: work?.leftMs ?? workMs,
    workAtMs: work?.atMs ?? startedAtMs,
    capWatts: work?.capWatts ?? 0,
    capOrder: work?.capOrder ?? 0,
    capInForce: work?.capInForce === undefined ? undefined : new Map(work.capInForce),
    curve: undefined,
    floorCapWatts: 0,
    isCheckpointed: work?.isCheckpointed === true,
    endTimerMs: Infinity,
    warningTimerMs: Infinity,
  };
}

function decodeAttempt(job: Job, encoded: EncodedAttempt): Attempt {
  return {
    job: job.number,
    task: encoded.task,
    attempt: encoded.attempt,
    placement: decodePlacement(encoded.placement),
    gpusPerNode: gpuCountOf(encoded.placement.gpuMasks[0] ?? 0),
    startedAtMs: encoded.startedAtMs,
    runsFromMs:
      encoded.runsFromMs ?? (encoded.phase === "starting" ? Infinity : encoded.startedAtMs),
    endsByMs: encoded.endsByMs,
    ...decodeWork(encoded),
    phase: encoded.phase,
    isWarned: encoded.isWarned,
    stopReason: encoded.stopReason,
    pausedFor: encoded.pausedFor,
    goneByMs: encoded.goneByMs ?? Infinity,
    isOverdue: false,
    outcome: encoded.outcome,
    exitedAtMs: encoded.exitedAtMs,
    isRetried: encoded.isRetried,
    heldNodes: known(encoded.heldNodes, "held nodes"),
    held: noHolding,
    neededCapWatts: encoded.neededCapWatts ?? 0,
    ...decodeCharge(encoded),
  };
}
