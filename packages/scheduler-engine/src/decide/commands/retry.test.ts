import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { Hub, smallHub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { type Job, jobState } from "../../state/job.ts";
import type { FailureCategory, RetryPolicy } from "../../words/job-spec.ts";

function jobOf(hub: Hub, number: number): Job {
  return known(hub.state.jobs.get(number), `job ${number}`);
}

/** Fails the attempt of the only task that runs now. */
function fail(hub: Hub, job: number, category: FailureCategory): void {
  const [active] = jobOf(hub, job).active?.values() ?? [];
  const attempt = { job, task: 0, attempt: known(active, "a running attempt").attempt };
  const outcome = { kind: "failed", category, exitCode: 1 } as const;
  hub.report(
    { kind: "attempt-exited", attempt, outcome },
    { kind: "stop-confirmed", attempt, nodes: [] },
  );
  hub.place();
}

describe("a failed attempt", () => {
  const retry: RetryPolicy = { maxRetries: 2, categories: ["application", "start"] };

  test("is tried again as often as its owner said", () => {
    const hub = new Hub();
    const job = hub.run({ retry });
    fail(hub, job, "application");
    fail(hub, job, "start");
    expect(jobState(jobOf(hub, job))).toBe("starting");
    fail(hub, job, "application");
    expect(jobState(jobOf(hub, job))).toBe("failed");
    expect(jobOf(hub, job).history.map((one) => one.attempt)).toEqual([1, 2, 3]);
  });

  test("of a category that is not named is not", () => {
    const hub = new Hub();
    const job = hub.run({ retry: { maxRetries: 2, categories: ["start"] } });
    fail(hub, job, "application");
    expect(jobState(jobOf(hub, job))).toBe("failed");
  });

  test("by a node or a preemption is tried again without using up a retry", () => {
    const hub = new Hub();
    const job = hub.run({ retry });
    for (const category of ["node", "preemption", "node"] as const) {
      fail(hub, job, category);
    }
    expect(jobOf(hub, job).tries?.get(0)).toEqual({
      attempts: 3,
      retriesUsed: 0,
      freeRetriesUsed: 3,
    });
    expect(jobState(jobOf(hub, job))).toBe("starting");
  });

  test("is not tried for ever, whoever is to blame", () => {
    const hub = new Hub(smallHub(), { ...defaultLimits, freeRetriesMax: 3 });
    const job = hub.run();
    for (let count = 0; count < 4; count += 1) {
      fail(hub, job, "node");
    }
    expect(jobState(jobOf(hub, job))).toBe("failed");
  });

  test("is tried again only when every node has confirmed its stop", () => {
    const hub = new Hub();
    const job = hub.run({ nodeCount: 2, retry });
    const attempt = { job, task: 0, attempt: 1 };
    const outcome = { kind: "failed", category: "application", exitCode: 1 } as const;
    const [first, second] = [...(jobOf(hub, job).active?.values() ?? [])][0]?.heldNodes ?? [];
    hub.report(
      { kind: "attempt-exited", attempt, outcome },
      { kind: "stop-confirmed", attempt, nodes: [known(first, "node")] },
    );
    hub.place();
    expect(jobState(jobOf(hub, job))).toBe("stopping");
    hub.report({ kind: "stop-confirmed", attempt, nodes: [known(second, "node")] });
    hub.place();
    expect(jobState(jobOf(hub, job))).toBe("starting");
  });
});

describe("an array", () => {
  test("runs as many tasks at once as its throttle says, and fails when one of them did", () => {
    const hub = new Hub();
    const job = hub.run({ taskCount: 5, taskThrottle: 2, gpusPerNode: 1 });
    expect([...(jobOf(hub, job).active?.keys() ?? [])]).toEqual([0, 1]);
    hub.finish(job, 1, 3);
    hub.place();
    expect([...(jobOf(hub, job).active?.keys() ?? [])]).toEqual([0, 2]);
    for (const task of [0, 2, 3, 4]) {
      hub.finish(job, task);
      hub.place();
    }
    expect(jobState(jobOf(hub, job))).toBe("failed");
    expect(jobOf(hub, job)).toMatchObject({ succeededCount: 4, failedCount: 1 });
  });

  test("that is cancelled is cancelled, also when one of its tasks had failed", () => {
    const hub = new Hub();
    const job = hub.run({ taskCount: 3, taskThrottle: 1, gpusPerNode: 1 });
    hub.finish(job, 0, 3);
    expect(jobState(jobOf(hub, job))).toBe("queued");
    hub.change("cancel-jobs", [job]);
    expect(jobState(jobOf(hub, job))).toBe("cancelled");
  });

  test("of a hundred thousand tasks is two numbers until it is broken up", () => {
    const hub = new Hub();
    const job = hub.submit({ taskCount: 100_000, gpusPerNode: 1 });
    expect(jobOf(hub, job).pending).toEqual([0, 99_999]);
  });
});
