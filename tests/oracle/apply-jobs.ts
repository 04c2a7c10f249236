import type { JobsSubmitted } from "@ertis/scheduler-engine";
import { createJobRecord, type JobRecord } from "./job-record.ts";
import type { World } from "./world.ts";

export function applySubmission(world: World, event: JobsSubmitted): void {
  event.items.forEach((item, index) => {
    const number = event.firstJob + index;
    const job = createJobRecord({
      number,
      owner: event.owner,
      requestId: item.requestId,
      bodyHash: item.bodyHash,
      spec: item.spec,
      submittedAtMs: world.nowMs,
    });
    world.jobs.set(number, job);
    world.requests.set(item.requestId, {
      requestId: item.requestId,
      job: number,
      acceptedAtMs: world.nowMs,
    });
    for (const dependency of item.spec.dependencies) {
      const waiting = world.dependents.get(dependency.job) ?? [];
      waiting.push(number);
      world.dependents.set(dependency.job, waiting);
    }
    job.isReady = world.mayBegin(job);
    world.nextJob = number + 1;
  });
}

export function cancelJob(world: World, job: JobRecord): void {
  job.isCancelled = true;
  world.reservations.delete(job.number);
  job.cancelledCount += job.pendingCount;
  job.pendingCount = 0;
  for (const task of job.tasks.values()) {
    if (task.state === "pending") {
      task.state = "cancelled";
    }
  }
  finishIfDone(world, job);
}

export function finishIfDone(world: World, job: JobRecord): void {
  const done = job.succeededCount + job.failedCount + job.cancelledCount;
  if (job.finishedAtMs === undefined && done === job.spec.taskCount) {
    job.finishedAtMs = world.nowMs;
    world.finishedNow.push(job);
    letRetire(world, job);
  }
}

export function letRetire(world: World, job: JobRecord): void {
  const isHolding = [...job.tasks.values()].some((task) => task.attempt !== undefined);
  if (!isHolding) {
    world.finished.push(job.number);
  }
}

export function forgetRequests(world: World, count: number): void {
  let left = count;
  for (const requestId of world.requests.keys()) {
    if (left === 0) {
      return;
    }
    world.requests.delete(requestId);
    left -= 1;
  }
}
