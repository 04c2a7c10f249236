import type { Checker } from "../checker.ts";

/** Jobs are changed by their owner or by somebody who may act for others. */
export function permissionChecker(): Checker {
  return {
    property: "permissions",
    before(event, { world, entry, report }) {
      const { command } = entry;
      if (
        event.kind !== "jobs-held" &&
        event.kind !== "jobs-released" &&
        event.kind !== "jobs-cancelled"
      ) {
        return;
      }
      if (event.by === "scheduler" && event.kind === "jobs-cancelled") {
        return;
      }
      for (const number of event.jobs) {
        const isAsked = "jobs" in command && command.jobs.includes(number);
        const mayActForOthers = "jobs" in command && command.by.mayActForOthers;
        if (!isAsked || (world.jobs.get(number)?.owner !== event.by && !mayActForOthers)) {
          report(`${event.by} may not change job ${number}`);
        }
      }
    },
  };
}
