import { milliseconds } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { defaultLimits, type EngineLimits, walltimeWarningMs } from "../../limits.ts";
import { Hub, hourMs, smallHub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { type Attempt, findAttempt, type Job, jobState } from "../../state/job.ts";

function jobOf(hub: Hub, number: number): Job {
  return known(hub.state.jobs.get(number), `job ${number}`);
}

function firstAttempt(hub: Hub, number: number): Attempt {
  return known(findAttempt(jobOf(hub, number), 0, 1), "its first attempt");
}

function limitedTo(changes: Partial<EngineLimits>): Hub {
  return new Hub(smallHub(), { ...defaultLimits, ...changes });
}

describe("walltime", () => {
  test("is warned of first, then the attempt is asked to stop, and only then", () => {
    const hub = new Hub();
    const job = hub.run({ walltime: milliseconds(hourMs) });
    hub.wait(hourMs - walltimeWarningMs - 1);
    expect(firstAttempt(hub, job).isWarned).toBe(false);
    hub.wait(1);
    expect(firstAttempt(hub, job)).toMatchObject({ isWarned: true, phase: "starting" });
    hub.wait(walltimeWarningMs - 1);
    expect(firstAttempt(hub, job).phase).toBe("starting");
    hub.wait(1);
    expect(firstAttempt(hub, job)).toMatchObject({ phase: "stopping", stopReason: "walltime" });
  });

  test("that is short is warned of at its half", () => {
    const hub = new Hub();
    const job = hub.run({ walltime: milliseconds(60_000) });
    hub.wait(30_000);
    expect(firstAttempt(hub, job).isWarned).toBe(true);
  });

  test("over counts as a failure of that category, retried when the owner said so", () => {
    const hub = new Hub();
    const once = hub.run({ walltime: milliseconds(60_000) });
    const again = hub.run({
      walltime: milliseconds(60_000),
      retry: { maxRetries: 1, categories: ["walltime"] },
    });
    hub.wait(60_000);
    hub.finish(once, 0, 143);
    hub.finish(again, 0, 143);
    expect(jobState(jobOf(hub, once))).toBe("failed");
    expect(jobOf(hub, once).history[0]?.outcome).toMatchObject({ category: "walltime" });
    expect(jobState(jobOf(hub, again))).toBe("queued");
  });
});

describe("a drain at its deadline", () => {
  function drained(thenDo: "requeue" | "cancel" | "wait"): { hub: Hub; job: number } {
    const hub = new Hub();
    const job = hub.run({ gpusPerNode: 4 });
    const node = known(firstAttempt(hub, job).placement.nodes[0], "its node");
    hub.drain(node, hub.nowMs + 600_000, thenDo);
    const next = hub.run({ gpusPerNode: 4 });
    expect(firstAttempt(hub, next).placement.nodes).not.toContain(node);
    hub.wait(600_000 - 1);
    expect(firstAttempt(hub, job).phase).toBe("starting");
    hub.wait(1);
    return { hub, job };
  }

  test("requeues what still runs, without using up a retry", () => {
    const { hub, job } = drained("requeue");
    expect(firstAttempt(hub, job).stopReason).toBe("drain");
    hub.finish(job, 0, 143);
    expect(jobState(jobOf(hub, job))).toBe("queued");
    expect(jobOf(hub, job).tries?.get(0)).toMatchObject({ retriesUsed: 0, freeRetriesUsed: 1 });
  });

  test("cancels it", () => {
    const { hub, job } = drained("cancel");
    hub.finish(job, 0, 143);
    expect(jobState(jobOf(hub, job))).toBe("cancelled");
  });

  test("or waits for it", () => {
    const { hub, job } = drained("wait");
    expect(firstAttempt(hub, job).phase).toBe("starting");
  });
});

describe("retention", () => {
  test("of finished jobs is bounded in count, the oldest go first", () => {
    const hub = limitedTo({ jobsFinishedMax: 2 });
    const jobs = [1, 2, 3, 4].map(() => {
      const job = hub.run();
      hub.finish(job);
      return job;
    });
    hub.wait(1);
    expect([...hub.state.jobs.after(0)].map((job) => job.number)).toEqual(jobs.slice(2));
  });

  test("of finished jobs is bounded in age", () => {
    const hub = limitedTo({ jobsFinishedAgeMax: milliseconds(hourMs) });
    const job = hub.run();
    hub.finish(job);
    hub.wait(hourMs - 1);
    expect(hub.state.jobs.get(job)).toBeDefined();
    expect(hub.engine.nextTickAtMs()).toBe(hub.nowMs + 1);
    hub.wait(1);
    expect(hub.state.jobs.get(job)).toBeUndefined();
  });

  test("of request ids is bounded in count and in age", () => {
    const hub = limitedTo({ requestIdsMax: 3, requestIdAgeMax: milliseconds(hourMs) });
    for (let count = 0; count < 5; count += 1) {
      hub.submit();
    }
    hub.wait(1);
    expect(hub.state.requestIds.count).toBe(3);
    expect(hub.state.requestIds.firstJob).toBe(3);
    hub.wait(hourMs);
    expect(hub.state.requestIds.count).toBe(0);
  });

  test("lets budgets go that are over", () => {
    const hub = new Hub();
    hub.budget("evening", "hub", 100_000, [hub.nowMs, hub.nowMs + hourMs]);
    hub.wait(hourMs - 1);
    expect(hub.state.budgets.size).toBe(1);
    hub.wait(1);
    expect(hub.state.budgets.size).toBe(0);
  });
});
