import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { planJob } from "../../read/explain/plan.ts";
import { known } from "../../state/assert.ts";
import { acknowledge, attemptsOf, cappedHub, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import { runningCount, saveAndLeave, stoppingOf } from "../../testing/test-preemption.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const lowest = 200;
const checkpoint = { save: milliseconds(5_000), restore: milliseconds(60_000) };
const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;
const long = { walltime: milliseconds(100 * hourMs) };
const soft: Partial<JobSpec> = {
  ...bending,
  ...long,
  preemptible: true,
  checkpoint,
  priorityClass: "low",
};
const urgent: Partial<JobSpec> = { priorityClass: "urgent", walltime: milliseconds(4 * hourMs) };

/**
 * All nodes run and no watt is free: a job of one node at its lowest cap, whose stop frees half of what a node takes at full
 * power, a gang of four whose stop frees more than enough, and three nodes with others.
 */
function fullHub(others: Partial<JobSpec>): { hub: Hub; one: number; gang: number; rest: number } {
  const hub = new Hub(cappedHub());
  const rest = hub.run({ ...long, ...others, nodeCount: 3 });
  const gang = hub.run({ ...soft, flexibilityTier: 0, nodeCount: 4 });
  const one = hub.run(soft);
  const key = { job: one, task: 0, attempt: 1 };
  hub.setCap(key, lowest, hub.nowMs + 200 * hourMs);
  for (const { job, task, attempt } of attemptsOf(hub)) {
    hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  }
  acknowledge(hub);
  hub.budget("works", "hub", hub.feedWatts(), [hub.nowMs]);
  hub.wait(hourMs);
  hub.place();
  return { hub, one, gang, rest };
}

function loweredOf(hub: Hub): readonly number[] {
  const lowered = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
  return lowered.map(({ job }) => job);
}

test("fewer stop where caps of others fall for the watts that are missing, and a plan says so", () => {
  const { hub, one, rest } = fullHub(bending);
  const plan = planJob(hub.state, defaultLimits, spec(urgent), "aida");
  expect(plan).toMatchObject({
    kind: "start-after-preemption",
    preempted: [one],
    lowered: [rest],
    capWatts: 0,
  });
  const job = hub.run(urgent);
  expect(stoppingOf(hub)).toEqual([one]);
  expect(loweredOf(hub)).toEqual([rest]);
  acknowledge(hub);
  hub.place();
  hub.wait(5_000);
  hub.place();
  // What they gave stays the start's own.
  const { capWatts } = known(
    attemptsOf(hub).find((attempt) => attempt.job === rest),
    "who is lowered",
  );
  expect(capWatts).toBeGreaterThanOrEqual(lowest);
  expect(capWatts).toBeLessThan(400);
  saveAndLeave(hub, one);
  hub.place();
  expect(runningCount(hub, job)).toBe(1);
  expect(stoppingOf(hub)).toEqual([]);
});

test("fewer stop where the start bears a cap for the watts that are missing and is done sooner than by waiting", () => {
  const { hub, one } = fullHub({});
  const capped = { ...urgent, ...bending };
  const plan = planJob(hub.state, defaultLimits, spec(capped), "aida");
  expect(plan).toMatchObject({ preempted: [one], lowered: [], capWatts: lowest });
  const job = hub.run(capped);
  expect(stoppingOf(hub)).toEqual([one]);
  saveAndLeave(hub, one);
  hub.place();
  expect(runningCount(hub, job)).toBe(1);
});

test("where neither others nor the start bear caps more stop", () => {
  const { hub, gang } = fullHub({});
  expect(planJob(hub.state, defaultLimits, spec(urgent), "aida")).toMatchObject({
    preempted: [gang],
    lowered: [],
  });
  hub.run(urgent);
  expect(stoppingOf(hub)).toEqual([gang]);
});
