import { noHolding } from "@ertis/power-planning";
import { addEnergy, noEnergy, toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { gpuCountOf } from "../state/bounds.ts";
import { savedAndGoneMs } from "../power/attempt-ends.ts";
import { rerank } from "../power/attempt-ranks.ts";
import { startedAfter, stoppedAfter } from "../power/shedding/count-after.ts";
import { countLoss, forgetCounted } from "../power/shedding/count-loss.ts";
import { refreshNode } from "../power/ledger.ts";
import { workLeftMs } from "../power/shedding/work.ts";
import { assert, known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import {
  addAttempt,
  type Attempt,
  findAttempt,
  type Job,
  nextAttemptNumber,
  retireAttempt,
} from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { type TaskRanges, withoutTask, withTask } from "../state/task-ranges.ts";
import { restoreMs } from "../state/work-wanted.ts";
import { changePhase } from "../state/transitions.ts";
import type { AttemptKey, StopReason } from "../words/attempt.ts";
import type { AttemptExited, AttemptStarted } from "../words/event.ts";
import { forgetIfWhole, forgetUnlessPaused, pausedFor, pauseOver } from "./paused-tasks.ts";
import { finishIfDone, letRetire, queueIfEligible } from "./jobs.ts";
import { dropReservationOf } from "./power.ts";
import { assertWithinLimits, giveBack, hold, learnCurve } from "./hold-nodes.ts";
import { addWalltimeTimers } from "./walltime-timers.ts";
import { awaitStop } from "./overdue.ts";
import { charge, recharge } from "./shares.ts";

export function attemptStarted(state: EngineState, event: AttemptStarted): void {
  const { placement } = event;
  const { task } = event.attempt;
  const job = known(state.jobs.get(event.attempt.job), "job of a started attempt");
  const attempt: Attempt = {
    ...event.attempt,
    placement,
    gpusPerNode: gpuCountOf(placement.gpuMasks[0] ?? 0),
    startedAtMs: state.nowMs,
    runsFromMs: Infinity,
    ...workOf(event, state.nowMs),
    capWatts: placement.capWatts,
    capOrder: 0,
    capInForce: undefined,
    curve: undefined,
    floorCapWatts: 0,
    neededCapWatts: 0,
    isCheckpointed: false,
    endTimerMs: Infinity,
    warningTimerMs: Infinity,
    phase: "starting",
    isWarned: false,
    stopReason: undefined,
    pausedFor: undefined,
    goneByMs: Infinity,
    isOverdue: false,
    outcome: undefined,
    exitedAtMs: undefined,
    isRetried: false,
    heldNodes: placement.nodes,
    held: noHolding,
    energyReserved: noEnergy,
    chargedToMs: state.nowMs,
  };
  assert(event.attempt.attempt === nextAttemptNumber(job, task), "attempts only grow");
  job.pending = withoutTask(job.pending, task);
  job.runningCount += 1;
  state.queue.mayHaveLeft(job);
  job.attemptCount += 1;
  job.firstStartedAtMs ??= state.nowMs;
  job.generation += 1;
  addAttempt(job, attempt);
  dropReservationOf(state, job.number);
  forgetIfWhole(state, event);
  startedAfter(state, event.attempt, restoreMs(job, task));
  pauseOver(state, event.attempt, restoreMs(job, task));
  const site = known(state.sites.get(placement.site), "site of a placement");
  learnCurve(site, attempt, job);
  hold(site, attempt);
  charge(state, job, attempt);
  assertWithinLimits(site, placement.nodes);
  addWalltimeTimers(state, attempt);
}

function workOf(
  event: AttemptStarted,
  nowMs: number,
): Pick<Attempt, "endsByMs" | "workMs" | "workLeftMs" | "workAtMs"> {
  const endsByMs = toNumber(event.endsBy);
  const workMs = event.work === undefined ? endsByMs - nowMs : toNumber(event.work);
  return { endsByMs, workMs, workLeftMs: workMs, workAtMs: nowMs };
}

export function attemptRunning(state: EngineState, key: AttemptKey): void {
  const { job, attempt } = lookUp(state, key);
  changePhase(attempt, "running");
  attempt.runsFromMs = state.nowMs;
  const { site: siteId, nodes } = attempt.placement;
  const { wakeAskedAtMs } = known(state.sites.get(siteId), "site of an attempt");
  // Where it runs nodes are up, whoever woke them.
  for (const node of wakeAskedAtMs.size > 0 ? nodes : []) {
    wakeAskedAtMs.delete(node);
  }
  job.generation += 1;
  if (state.curtailments.shrunk.size > 0) {
    // Who waits to get nodes again may be the next one.
    state.releaseCount += 1;
  }
}

export function walltimeWarned(state: EngineState, key: AttemptKey): void {
  lookUp(state, key).attempt.isWarned = true;
}

export function stopRequested(state: EngineState, key: AttemptKey, reason: StopReason): void {
  const { job, attempt } = lookUp(state, key);
  const site = known(state.sites.get(attempt.placement.site), "site of a stopped attempt");
  countLoss(state, site, attempt);
  changePhase(attempt, "stopping");
  attempt.stopReason = reason;
  if (reason === "preemption") {
    state.stoppable.get(site.site.id)?.ask(attempt);
    attempt.pausedFor = pausedFor(state, site, attempt);
    // What it still does is not counted: a checkpoint keeps the work up to here.
    attempt.workLeftMs = workLeftMs(attempt, state.nowMs);
    attempt.workAtMs = state.nowMs;
    planWithout(state, site, attempt, savedAndGoneMs(state.nowMs, job.spec));
  }
  if (reason === "walltime") {
    attempt.goneByMs = state.nowMs + stopGraceMs;
  }
  awaitStop(state, attempt);
  stoppedAfter(state, attempt);
  job.generation += 1;
}

/** From a moment on plans do without it: else what is promised after that would be in the way of all others. */
function planWithout(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  goneByMs: number,
): void {
  attempt.goneByMs = goneByMs;
  rerank(site, attempt);
  attempt.heldNodes.forEach((node) => refreshNode(site, node));
  state.releaseCount += 1;
}

export function attemptExited(state: EngineState, event: AttemptExited): void {
  const { job, attempt } = lookUp(state, event.attempt);
  const { task } = attempt;
  if (attempt.phase !== "stopping") {
    countLoss(state, known(state.sites.get(attempt.placement.site), "site"), attempt);
    stoppedAfter(state, attempt);
  }
  forgetCounted(state, attempt);
  forgetUnlessPaused(state, attempt, event.next);
  changePhase(attempt, "exited");
  attempt.outcome = event.outcome;
  attempt.exitedAtMs = state.nowMs;
  awaitStop(state, attempt);
  job.runningCount -= 1;
  job.energyJoules += BigInt(event.energyJoules ?? 0);
  job.generation += 1;
  if (event.next === "finish") {
    countOutcome(job, attempt);
    job.tries?.delete(task);
  } else {
    const tries = job.tries?.get(task) ?? { attempts: 0, retriesUsed: 0, freeRetriesUsed: 0 };
    job.tries ??= new Map();
    job.tries.set(task, {
      ...tries,
      attempts: attempt.attempt,
      retriesUsed: tries.retriesUsed + (event.next === "retry" ? 1 : 0),
      freeRetriesUsed: tries.freeRetriesUsed + (event.next === "retry-free" ? 1 : 0),
    });
    job.retriesUsedCount += event.next === "retry" ? 1 : 0;
    attempt.isRetried = true;
  }
  closeIfOver(state, job, attempt);
  finishIfDone(state, job);
  // One task fewer runs: a throttled array may go on.
  queueIfEligible(state, job);
}

function countOutcome(job: Job, attempt: Attempt): void {
  if (attempt.outcome?.kind === "succeeded") {
    job.succeededCount += 1;
  } else if (attempt.stopReason === "cancelled" || job.isCancelled) {
    job.cancelledCount += 1;
    job.cancelledTasks = withEnded(job, job.cancelledTasks, attempt.task);
  } else {
    job.failedCount += 1;
    job.failedTasks = withEnded(job, job.failedTasks, attempt.task);
  }
}

/** Only an array remembers its tasks one by one: a job of one task is told by its counts. */
function withEnded(job: Job, tasks: TaskRanges, task: number): TaskRanges {
  return job.spec.taskCount === 1 ? tasks : withTask(tasks, task);
}

export function placementReleased(
  state: EngineState,
  key: AttemptKey,
  nodes: readonly number[],
): void {
  const { job, attempt } = lookUp(state, key);
  const site = known(state.sites.get(attempt.placement.site), "site of a placement");
  const released = nodes.length === 0 ? attempt.heldNodes : nodes;
  noteLeft(site, released, state.nowMs);
  giveBack(site, attempt, released);
  recharge(state, job, attempt);
  state.releaseCount += 1;
  closeIfOver(state, job, attempt);
}

function noteLeft(site: SiteState, nodes: readonly number[], nowMs: number): void {
  for (const node of nodes) {
    for (let at = site.nodeDomain[node] ?? -1; at >= 0; at = site.parent[at] ?? -1) {
      site.leftAtMs[at] = nowMs;
    }
  }
}

/**
 * An attempt is over when its outcome is known and every node has confirmed its stop. Only then may
 * its task run again: a copy on a silent node could still be writing.
 */
function closeIfOver(state: EngineState, job: Job, attempt: Attempt): void {
  if (attempt.phase !== "exited" || attempt.heldNodes.length > 0) {
    return;
  }
  retireAttempt(job, attempt);
  job.energyReserved = addEnergy(job.energyReserved, attempt.energyReserved);
  if (job.finishedAtMs !== undefined) {
    letRetire(state, job);
  }
  if (!attempt.isRetried) {
    return;
  }
  attempt.isRetried = false;
  if (job.isCancelled) {
    job.cancelledCount += 1;
    job.cancelledTasks = withEnded(job, job.cancelledTasks, attempt.task);
    finishIfDone(state, job);
  } else {
    job.pending = withTask(job.pending, attempt.task);
    queueIfEligible(state, job);
  }
}

export function lookUp(state: EngineState, key: AttemptKey): { job: Job; attempt: Attempt } {
  const job = known(state.jobs.get(key.job), `job ${key.job}`);
  const attempt = known(findAttempt(job, key.task, key.attempt), `attempt ${key.attempt}`);
  return { job, attempt };
}
