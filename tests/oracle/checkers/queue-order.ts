import { toNumber } from "@ertis/quantities";
import { type AttemptStarted, priorityClasses, stopGraceMs } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import { isStartable, type JobRecord } from "../job-record.ts";

/** Jobs looked at for one start; a longer queue is checked at its head. */
const lookedAtMax = 500;

/**
 * No job starts while one that needs the same, no longer, stands before it and could start. A job
 * with a reservation may: its start was promised before the other one came. And one that is promised to be
 * done sooner than this start, slower or on fewer nodes, would be leaves it to those behind.
 */
export function queueOrderChecker(): Checker {
  const byShape = new Map<string, Set<number>>();
  return {
    property: "queue-order",
    before(event, moment) {
      const job =
        event.kind === "attempt-started" ? moment.world.jobs.get(event.attempt.job) : undefined;
      if (event.kind !== "attempt-started" || job === undefined) {
        return;
      }
      if (!moment.world.reservations.has(job.number)) {
        checkStart(byShape.get(shapeOf(job)) ?? [], job, event, moment);
      }
    },
    after(event, { world }) {
      if (event.kind === "jobs-submitted") {
        event.items.forEach((_, index) => {
          const job = world.jobs.get(event.firstJob + index);
          if (job !== undefined) {
            const shape = shapeOf(job);
            byShape.set(shape, (byShape.get(shape) ?? new Set()).add(job.number));
          }
        });
      }
    },
    entryEnd({ world }) {
      for (const job of world.finishedNow) {
        byShape.get(shapeOf(job))?.delete(job.number);
      }
    },
  };
}

function checkStart(
  queue: Iterable<number>,
  job: JobRecord,
  event: AttemptStarted,
  { world, report }: Moment,
): void {
  let lookedAt = 0;
  for (const number of queue) {
    lookedAt += 1;
    if (lookedAt > lookedAtMax) {
      return;
    }
    const other = world.jobs.get(number);
    if (
      other !== undefined &&
      other !== job &&
      isBefore(other, job, world) &&
      isStartable(other) &&
      toNumber(other.spec.walltime) <= toNumber(job.spec.walltime) &&
      !isPromisedSooner(other, event, world)
    ) {
      report(`job ${event.attempt.job} started before job ${other.number}, which needs the same`);
      return;
    }
  }
}

function isPromisedSooner(
  { number, spec }: JobRecord,
  { endsBy }: AttemptStarted,
  { reservations }: Moment["world"],
): boolean {
  const promise = reservations.get(number);
  if (promise === undefined) {
    return false;
  }
  const doneMs =
    promise.holdsUntil === undefined
      ? toNumber(promise.startAt) + toNumber(spec.walltime)
      : toNumber(promise.holdsUntil) - stopGraceMs;
  return doneMs < toNumber(endsBy);
}

function shapeOf({ spec }: JobRecord): string {
  const bend = `${spec.nodeCountMin} ${spec.walltimeMin} ${spec.flexibilityTier} ${spec.capMin}`;
  const place = `${spec.gpuModel} ${spec.site} ${spec.workloadClass}`;
  return `${spec.nodeCount}×${spec.gpusPerNode} ${place} ${bend}`;
}

/** Jobs that wait so long count as one class higher, up to high, and go ahead in their class. */
const agedAfterMs = 7 * 86_400_000;

/**
 * Surely before: by class, raised by age, else by number. What is due, or may be by a deadline, and
 * accounts that share, are judged by the tests of the engine's own order.
 */
function isBefore(a: JobRecord, b: JobRecord, world: Moment["world"]): boolean {
  const ages = ({ spec, submittedAtMs }: JobRecord): number => {
    const fromMs = Math.max(submittedAtMs, spec.beginAt === undefined ? 0 : toNumber(spec.beginAt));
    return Math.max(0, Math.floor((world.nowMs - fromMs) / agedAfterMs));
  };
  const rank = (job: JobRecord): number => {
    const own = priorityClasses.indexOf(job.spec.priorityClass);
    return Math.max(own, Math.min(priorityClasses.indexOf("high"), own + ages(job)));
  };
  if (rank(a) !== rank(b)) {
    return rank(a) > rank(b);
  }
  const isByShares =
    (world.counts.get("accounts-set") ?? 0) > 0 &&
    (a.owner !== b.owner || a.spec.project !== b.spec.project);
  const isDue = [a, b].some((job) => job.spec.deadline !== undefined || ages(job) > 0);
  return !isByShares && !isDue && a.number < b.number;
}
