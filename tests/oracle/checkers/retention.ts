import { toNumber } from "@ertis/quantities";
import type { Checker } from "../checker.ts";

/** Only jobs that finished long ago, or beyond the stated count, leave memory; oldest first. */
export function retentionChecker(): Checker {
  return {
    property: "retention",
    before(event, { world, report }) {
      if (event.kind === "budgets-expired") {
        for (const id of event.ids) {
          const budget = [...world.sites.values()]
            .map((site) => site.budgets.get(id))
            .find(Boolean);
          if (budget?.until === undefined || toNumber(budget.until) > world.nowMs) {
            report(`budget ${id} is not over`);
          }
        }
      }
      if (event.kind !== "jobs-retired") {
        return;
      }
      const { jobsFinishedAgeMax, jobsFinishedMax } = world.limits;
      for (let at = world.finishedFrom; at < world.finishedFrom + event.count; at += 1) {
        const job = world.jobs.get(world.finished[at] ?? 0);
        if (job?.finishedAtMs === undefined) {
          report("a job is retired that has not finished");
          return;
        }
        const isOld = world.nowMs - job.finishedAtMs >= toNumber(jobsFinishedAgeMax);
        if (!isOld && world.finished.length - at <= jobsFinishedMax) {
          report(`job ${job.number} is retired too early`);
        }
      }
    },
  };
}
