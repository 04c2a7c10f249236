import fc from "fast-check";
import { expect, it } from "vitest";
import { known } from "./assert.ts";
import type { Job } from "./job.ts";
import { ShapeJobs } from "./shape-jobs.ts";

const step = fc.record({ account: fc.integer({ min: 0, max: 2 }), isPushed: fc.boolean() });

it("knows the only account that has jobs, and its first one, whoever came and went", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const jobs = new ShapeJobs();
      const waiting = new Map<number, Job[]>();
      steps.forEach(({ account, isPushed }, number) => {
        const line = waiting.get(account) ?? [];
        if (isPushed) {
          const job = eligibleJob(number);
          jobs.push(job, account);
          waiting.set(account, [...line, job]);
        } else if (line.length > 0) {
          known(line[0], "first of a line").isHeld = true;
          jobs.first(account);
          const left = line.slice(1);
          waiting.set(account, left);
        }
        const lines = [...waiting].filter(([, { length }]) => length > 0);
        const [[only, [job]] = [undefined, []]] = lines;
        expect(jobs.firstOfOnly()).toEqual(lines.length === 1 ? { account: only, job } : undefined);
      });
    }),
  );
});

/** What a line looks at, and no more. */
function eligibleJob(number: number): Job {
  const job: Partial<Job> = {
    number,
    dueAtMs: Infinity,
    pending: [0, 0],
    pausedTasks: [],
    returningTasks: [],
    runningCount: 0,
    isReady: true,
    isHeld: false,
    isCancelled: false,
    isQueued: true,
  };
  // A whole job would say nothing more.
  return job as Job;
}
