import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { Hub, hourMs, spec } from "../../testing/test-hub.ts";
import { fill, share, stoppingOf } from "../../testing/test-preemption.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { planJob } from "./plan.ts";

/** Whom a plan says would stop, and who stops for a submit. */
function preempted(
  hub: Hub,
  changes: Partial<JobSpec>,
): { readonly told: readonly number[]; readonly stopped: readonly number[] } {
  const before = hub.ledger();
  const plan = planJob(hub.state, defaultLimits, spec(changes), "aida");
  expect(hub.ledger()).toBe(before);
  hub.run(changes);
  return {
    told: plan.kind === "start-after-preemption" ? plan.preempted : [],
    stopped: stoppingOf(hub),
  };
}

/** North runs on all eight nodes; two of them are guaranteed to south. */
function borrowed(): Hub {
  const hub = new Hub();
  share(hub, [
    { id: "north", weight: 1, quota: { guaranteedGpuCount: 32, guaranteed: watts(40_000) } },
    { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
    { id: "north/p1", weight: 1 },
    { id: "south/p2", weight: 1 },
  ]);
  fill(hub, { project: "p1", priorityClass: "normal" });
  hub.wait(hourMs);
  return hub;
}

const pair = { nodeCount: 2, gpusPerNode: 8 };

test.each([pair, { nodeCount: 3, gpusPerNode: 8 }])(
  "a plan names who stops for a guarantee also where others wait ahead",
  (waiting) => {
    const hub = borrowed();
    hub.run({ project: "p1", ...waiting });
    expect(stoppingOf(hub)).toEqual([]);
    const { told, stopped } = preempted(hub, { project: "p2", ...pair });
    expect(stopped).toHaveLength(2);
    expect(told).toEqual(stopped);
  },
);

test("nobody where a start is kept for it soon anyway", () => {
  const hub = new Hub();
  fill(hub, { walltime: milliseconds(1.05 * hourMs) });
  hub.wait(hourMs);
  const urgent = spec({ priorityClass: "urgent" });
  expect(planJob(hub.state, defaultLimits, urgent, "aida")).toMatchObject({
    kind: "waits",
    explanation: { mayPreempt: undefined },
  });
  expect(preempted(hub, { priorityClass: "urgent" })).toEqual({ told: [], stopped: [] });
});

test("nobody for one more of those who were told no", () => {
  const hub = borrowed();
  hub.run({ project: "p2", nodeCount: 3, gpusPerNode: 8 });
  const { told, stopped } = preempted(hub, { project: "p2", nodeCount: 3, gpusPerNode: 8 });
  expect(told).toEqual(stopped);
});
