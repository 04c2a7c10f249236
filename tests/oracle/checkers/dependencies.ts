import { toNumber } from "@ertis/quantities";
import type { Checker } from "../checker.ts";
import type { World } from "../world.ts";

/** The end of a job settles those that wait for it in the same entry; begin times fall due at ticks. */
export function dependencyChecker(): Checker {
  const waitingForBegin = new Set<number>();
  return {
    property: "dependencies",
    before(event, { world, report }) {
      for (const number of event.kind === "jobs-became-ready" ? event.jobs : []) {
        const job = world.jobs.get(number);
        if (job !== undefined && (job.isReady || !world.mayBegin(job))) {
          report(`job ${number} is ${job.isReady ? "ready already" : "not ready yet"}`);
        }
      }
    },
    after(event, { world }) {
      if (event.kind === "jobs-submitted") {
        event.items.forEach(({ spec }, index) => {
          if (spec.beginAt !== undefined && toNumber(spec.beginAt) > world.nowMs) {
            waitingForBegin.add(event.firstJob + index);
          }
        });
      }
    },
    entryEnd({ world, entry, report }) {
      for (const ended of world.finishedNow) {
        for (const number of world.dependents.get(ended.number) ?? []) {
          const problem = unsettled(world, number);
          if (problem !== undefined) {
            report(`job ${number} waits for job ${ended.number}, which ended: ${problem}`);
          }
        }
      }
      for (const number of entry.command.kind === "tick" ? waitingForBegin : []) {
        const beginAt = world.jobs.get(number)?.spec.beginAt;
        if (beginAt !== undefined && toNumber(beginAt) <= world.nowMs) {
          waitingForBegin.delete(number);
          const problem = unsettled(world, number);
          if (problem !== undefined) {
            report(`job ${number} was due to begin: ${problem}`);
          }
        }
      }
    },
  };
}

function unsettled(world: World, number: number): string | undefined {
  const job = world.jobs.get(number);
  if (job === undefined || job.finishedAtMs !== undefined || job.isCancelled || job.isReady) {
    return undefined;
  }
  const states = job.spec.dependencies.map((one) => world.dependencyState(one));
  if (states.includes("never")) {
    return "a dependency can never be met, yet it is not cancelled";
  }
  return world.mayBegin(job) ? "everything is met, yet it is not ready" : undefined;
}
