import { toNumber } from "@ertis/quantities";
import type { AttemptExited, AttemptKey, AttemptStarted, Event } from "@ertis/scheduler-engine";
import { workLeftAt } from "./apply-caps.ts";
import { finishIfDone, letRetire } from "./apply-jobs.ts";
import type { AttemptRecord, JobRecord, TaskRecord } from "./job-record.ts";
import type { World } from "./world.ts";

export function applyStart(world: World, event: AttemptStarted): void {
  const { attempt: key, placement } = event;
  const job = world.jobs.get(key.job);
  if (job === undefined) {
    return;
  }
  const timeMs = toNumber(event.endsBy) - world.nowMs;
  const workMs = event.work === undefined ? timeMs : toNumber(event.work);
  const attempt: AttemptRecord = {
    ...key,
    site: placement.site,
    held: new Set(placement.nodes),
    startedAtMs: world.nowMs,
    endsByMs: toNumber(event.endsBy),
    workGrantedMs: workMs,
    workLeftMs: workMs,
    workAtMs: world.nowMs,
    capWatts: placement.capWatts,
    capOrder: 0,
    nodeCount: placement.nodes.length,
    phase: "starting",
    stopReason: undefined,
    isWarned: false,
    outcome: undefined,
    isRetried: false,
  };
  const before = job.tasks.get(key.task);
  job.tasks.set(key.task, {
    retriesUsed: before?.retriesUsed ?? 0,
    freeRetriesUsed: before?.freeRetriesUsed ?? 0,
    workDoneMs: before?.workDoneMs ?? 0,
    attempts: key.attempt,
    state: "active",
    attempt,
  });
  job.pendingCount -= 1;
  job.runningCount += 1;
  world.running.add(attempt);
  world.reservations.delete(job.number);
  const site = world.sites.get(placement.site);
  placement.nodes.forEach((node, index) => {
    site?.nodes[node]?.holds.set(attempt, placement.gpuMasks[index] ?? 0);
    site?.touch(node);
  });
}

export function applyMark(
  world: World,
  event: Extract<
    Event,
    { readonly kind: "attempt-running" | "walltime-warned" | "stop-requested" }
  >,
): void {
  const attempt = world.attemptOf(event.attempt);
  if (attempt === undefined) {
    return;
  }
  if (event.kind === "walltime-warned") {
    attempt.isWarned = true;
  } else if (event.kind === "attempt-running") {
    attempt.phase = "running";
  } else {
    attempt.phase = "stopping";
    attempt.workLeftMs = workLeftAt(attempt, world.nowMs);
    attempt.workAtMs = world.nowMs;
    attempt.stopReason = event.reason;
  }
}

export function applyExit(world: World, event: AttemptExited): void {
  const job = world.jobs.get(event.attempt.job);
  const task = world.taskOf(event.attempt);
  const attempt = world.attemptOf(event.attempt);
  if (job === undefined || task === undefined || attempt === undefined) {
    return;
  }
  attempt.phase = "exited";
  attempt.outcome = event.outcome;
  world.running.delete(attempt);
  job.runningCount -= 1;
  if (event.next === "finish") {
    if (event.outcome.kind === "succeeded") {
      task.state = "succeeded";
      job.succeededCount += 1;
    } else if (job.isCancelled || attempt.stopReason === "cancelled") {
      task.state = "cancelled";
      job.cancelledCount += 1;
    } else {
      task.state = "failed";
      job.failedCount += 1;
    }
  } else {
    attempt.isRetried = true;
    task.retriesUsed += event.next === "retry" ? 1 : 0;
    task.freeRetriesUsed += event.next === "retry-free" ? 1 : 0;
  }
  closeIfOver(world, job, task, attempt);
  finishIfDone(world, job);
}

export function applyRelease(world: World, key: AttemptKey, nodes: readonly number[]): void {
  const job = world.jobs.get(key.job);
  const task = world.taskOf(key);
  const attempt = world.attemptOf(key);
  if (job === undefined || task === undefined || attempt === undefined) {
    return;
  }
  const site = world.sites.get(attempt.site);
  for (const node of nodes.length === 0 ? [...attempt.held] : nodes) {
    attempt.held.delete(node);
    site?.nodes[node]?.holds.delete(attempt);
    site?.nodes[node]?.possibleCaps.delete(attempt);
    site?.touch(node);
  }
  closeIfOver(world, job, task, attempt);
  finishIfDone(world, job);
}

/** A task may run again only when nothing of its last attempt is left anywhere. */
function closeIfOver(world: World, job: JobRecord, task: TaskRecord, attempt: AttemptRecord): void {
  if (attempt.phase !== "exited" || attempt.held.size > 0) {
    return;
  }
  task.attempt = undefined;
  if (job.finishedAtMs !== undefined) {
    letRetire(world, job);
  }
  if (!attempt.isRetried) {
    return;
  }
  attempt.isRetried = false;
  if (job.isCancelled) {
    task.state = "cancelled";
    job.cancelledCount += 1;
  } else {
    task.state = "pending";
    job.pendingCount += 1;
  }
}
