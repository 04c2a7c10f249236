import { milliseconds, toNumber } from "@ertis/quantities";
import type { AttemptStarted, Event } from "@ertis/scheduler-engine";
import { type Checker, keyText, type Moment } from "../checker.ts";
import type { AttemptRecord } from "../job-record.ts";

/** Which phases of an attempt an event may find. Nothing else is ever written. */
const allowedPhases: Readonly<Record<string, readonly AttemptRecord["phase"][]>> = {
  "attempt-running": ["starting"],
  "walltime-warned": ["starting", "running"],
  "stop-requested": ["starting", "running"],
  "attempt-exited": ["starting", "running", "stopping"],
  "cap-set": ["starting", "running"],
  "cap-acknowledged": ["starting", "running", "stopping", "exited"],
  "attempt-checkpointed": ["stopping", "exited"],
  "placement-released": ["starting", "running", "stopping", "exited"],
};

/**
 * Jobs, tasks and attempts move only along their tables: numbers without gaps, one attempt of a task
 * at a time, no start of what is held, cancelled, waiting or over.
 */
export function lifeCycleChecker(): Checker {
  return {
    property: "life-cycle",
    before(event, moment) {
      if (event.kind === "jobs-submitted" && event.firstJob !== moment.world.nextJob) {
        moment.report(`job ${event.firstJob} follows job ${moment.world.nextJob - 1}`);
      }
      if ("jobs" in event) {
        checkJobs(event, moment);
      }
      if (event.kind === "attempt-started") {
        checkStart(event, moment);
      } else if ("attempt" in event) {
        const attempt = moment.world.attemptOf(event.attempt);
        if (attempt === undefined) {
          moment.report(`${keyText(event.attempt)} is not active`);
        } else if (allowedPhases[event.kind]?.includes(attempt.phase) !== true) {
          moment.report(`${keyText(event.attempt)} is ${attempt.phase}`);
        }
      }
    },
  };
}

function checkJobs(
  event: Extract<Event, { readonly jobs: readonly number[] }>,
  { world, report }: Moment,
): void {
  for (const number of event.jobs) {
    const job = world.jobs.get(number);
    if (job === undefined || job.finishedAtMs !== undefined) {
      report(`job ${number} is ${job === undefined ? "unknown" : "finished"}`);
    } else if (job.isCancelled && event.kind === "jobs-cancelled") {
      report(`job ${number} is cancelled already`);
    } else if (event.kind === "jobs-held" || event.kind === "jobs-released") {
      if (job.isHeld === (event.kind === "jobs-held")) {
        report(`job ${number} is ${job.isHeld ? "" : "not "}held already`);
      }
    }
  }
}

function checkStart(event: AttemptStarted, { world, report }: Moment): void {
  const { attempt: key } = event;
  const job = world.jobs.get(key.job);
  if (job === undefined) {
    report(`job ${key.job} was never accepted`);
    return;
  }
  const { spec } = job;
  const task = job.tasks.get(key.task);
  const found: string[] = [];
  if (job.finishedAtMs !== undefined) {
    found.push("the job has finished");
  }
  if (job.isCancelled) {
    found.push("the job is cancelled");
  }
  if (job.isHeld) {
    found.push("the job is held");
  }
  if (!job.isReady || !world.mayBegin(job)) {
    found.push("its begin time or a dependency is still open");
  }
  if (key.task < 0 || key.task >= spec.taskCount) {
    found.push(`the job has ${spec.taskCount} tasks`);
  }
  if (task !== undefined && task.state !== "pending") {
    found.push(`the task is ${task.state}`);
  }
  if (key.attempt !== (task?.attempts ?? 0) + 1) {
    found.push(`attempt ${task?.attempts ?? 0} was the last`);
  }
  if (spec.taskThrottle > 0 && job.runningCount >= spec.taskThrottle) {
    found.push(`${job.runningCount} tasks run, throttle is ${spec.taskThrottle}`);
  }
  const walltimeMs = toNumber(spec.walltime);
  const doneMs = task?.workDoneMs ?? 0;
  const restoreMs = doneMs === 0 ? 0 : toNumber(spec.checkpoint?.restore ?? milliseconds(0));
  const wholeMs = Math.max(1, walltimeMs - doneMs) + restoreMs;
  const timeMs = toNumber(event.endsBy) - world.nowMs;
  const workMs = event.work === undefined ? timeMs : toNumber(event.work);
  if (workMs > wholeMs || workMs < Math.min(wholeMs, toNumber(spec.walltimeMin))) {
    found.push(`is granted ${workMs} ms of work, walltime is ${walltimeMs} ms, done ${doneMs} ms`);
  }
  if (timeMs < workMs) {
    found.push(`ends by ${event.endsBy}, before its work is done`);
  }
  for (const one of found) {
    report(`${keyText(key)} started, but ${one}`);
  }
}
