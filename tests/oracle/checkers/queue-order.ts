import { toNumber } from "@ertis/quantities";
import { type AttemptStarted, priorityClasses } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import { isStartable, type JobRecord } from "../job-record.ts";

/** Jobs looked at for one start; a longer queue is checked at its head. */
const lookedAtMax = 500;

/**
 * No job starts while one that needs the same, no longer, stands before it and could start. A job
 * with a reservation may: its start was promised before the other one came.
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
      isBefore(other, job) &&
      isStartable(other) &&
      toNumber(other.spec.walltime) <= toNumber(job.spec.walltime)
    ) {
      report(`job ${event.attempt.job} started before job ${other.number}, which needs the same`);
      return;
    }
  }
}

function shapeOf({ spec }: JobRecord): string {
  return `${spec.nodeCount}×${spec.gpusPerNode} ${spec.gpuModel} ${spec.site}`;
}

function isBefore(a: JobRecord, b: JobRecord): boolean {
  const rank = ({ spec }: JobRecord): number => priorityClasses.indexOf(spec.priorityClass);
  return rank(a) === rank(b) ? a.number < b.number : rank(a) > rank(b);
}
