import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, attemptsOf, cappedHub, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { defaultLimits } from "../../limits.ts";
import { planJob } from "../../read/explain/plan.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";

const soft: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  preemptible: true,
  priorityClass: "low",
  walltime: milliseconds(20 * hourMs),
};

const checkpoint = { save: milliseconds(30_000), restore: milliseconds(60_000) };

const urgentPair = {
  gpusPerNode: 2,
  walltime: milliseconds(4 * hourMs),
  priorityClass: "urgent",
} as const;

function runAll(hub: Hub): void {
  for (const { job, task, attempt } of attemptsOf(hub)) {
    hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  }
}

/** Seven nodes run, one is free, and 1.5 kW are free of the 3.2 kW that it takes at full power. */
function nearlyFullHub(
  text: string,
  changes: Partial<JobSpec> = {},
  first: Partial<JobSpec> = changes,
): Hub {
  const hub = new Hub(text);
  for (let count = 0; count < 7; count += 1) {
    const job = hub.run({ ...soft, ...(count === 0 ? first : changes) });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs);
  hub.budget("works", "hub", hub.feedWatts() + 1_500, [hub.nowMs]);
  hub.place();
  return hub;
}

function stoppingCount(hub: Hub): number {
  return attemptsOf(hub).filter(({ phase }) => phase === "stopping").length;
}

test("nobody is stopped for a job while caps that fall for it are on their way", () => {
  // Where there are ramps nobody is promised the start that a squeeze makes room for.
  const hub = nearlyFullHub(rampedHub("100 kW/min over 60 s"));
  const urgent = hub.run({ ...soft, flexibilityTier: 0, priorityClass: "urgent" });
  const lowered = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
  expect(lowered).toHaveLength(2);
  // One answers, which is not enough yet.
  const { job, task, attempt, heldNodes, capWatts, capOrder } = known(lowered[1], "the second");
  const key = { job, task, attempt };
  hub.report({ kind: "cap-applied", attempt: key, nodes: heldNodes, capWatts, order: capOrder });
  hub.place();
  expect(hub.state.jobs.get(urgent)?.runningCount).toBe(0);
  expect(stoppingCount(hub)).toBe(0);
  acknowledge(hub);
  hub.place();
  expect(hub.state.jobs.get(urgent)?.runningCount).toBe(1);
  expect(stoppingCount(hub)).toBe(0);
});

test("caps fall for a job of a higher class, rather than that others stop for it, also where all of them get less done that way", () => {
  const hub = nearlyFullHub(cappedHub(), { walltime: milliseconds(2 * hourMs) });
  // Watts are worth more to shorter jobs, so that nobody would be lowered for a long one of their class.
  const long = { ...spec(soft), flexibilityTier: 0, walltime: milliseconds(400 * hourMs) } as const;
  const urgent = { ...long, walltimeMin: long.walltime, priorityClass: "urgent" } as const;
  expect(planJob(hub.state, defaultLimits, { ...urgent, priorityClass: "low" }, "aida").kind).toBe(
    "waits",
  );
  expect(planJob(hub.state, defaultLimits, urgent, "aida").kind).toBe("start-after-lowering");
  hub.run(urgent);
  expect(stoppingCount(hub)).toBe(0);
  acknowledge(hub);
  hub.place();
  expect(attemptsOf(hub)).toHaveLength(8);
});

/** Whose caps a plan says would fall, and whose fall for a submit; undefined: others would stop, or stop. */
function loweredFor(
  hub: Hub,
  changes: Partial<JobSpec>,
): readonly (readonly number[] | undefined)[] {
  const plan = planJob(hub.state, defaultLimits, spec(changes), "aida");
  hub.run(changes);
  const lowered = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
  return [
    plan.kind === "start-after-lowering" ? plan.lowered : undefined,
    stoppingCount(hub) === 0 ? lowered.map(({ job }) => job) : undefined,
  ];
}

test("a plan tells whose caps fall for a job that takes caps, by the start that would be kept for it", () => {
  // At its lowest cap it would be done later than by waiting, at the one it gets it is not.
  const urgent = { ...soft, walltime: milliseconds(3 * hourMs), priorityClass: "urgent" } as const;
  const hub = nearlyFullHub(
    cappedHub(),
    {},
    { flexibilityTier: 0, walltime: milliseconds(3 * hourMs) },
  );
  const [told, lowered] = loweredFor(hub, urgent);
  expect(lowered).not.toHaveLength(0);
  expect(told).toEqual(lowered);
});

test("caps fall also of those who would be gone by the start that is kept for it: it is promised the one that they make room for", () => {
  const leaving = { walltime: milliseconds(2 * hourMs) };
  const urgent = { ...soft, walltime: milliseconds(3 * hourMs), priorityClass: "urgent" } as const;
  const hub = nearlyFullHub(cappedHub(), leaving);
  const [told, lowered] = loweredFor(hub, urgent);
  expect(lowered).not.toHaveLength(0);
  expect(told).toEqual(lowered);
  acknowledge(hub);
  hub.place();
  expect(attemptsOf(hub)).toHaveLength(8);
  // Where there are ramps that start stays as it is, so that those are not made slower.
  const ramped = nearlyFullHub(rampedHub("100 kW/min over 60 s"), leaving);
  expect(loweredFor(ramped, urgent)).toEqual([undefined, undefined]);
});

test("caps fall also for a job that lasts beyond a promised start, to stay as low: that start stays as it was", () => {
  const hub = new Hub(cappedHub());
  const long = { ...soft, priorityClass: "normal", preemptible: false } as const;
  hub.run({ ...long, nodeCount: 2, walltime: milliseconds(90 * hourMs) });
  hub.run({ nodeCount: 3, walltime: milliseconds(3 * hourMs) });
  hub.run({
    priorityClass: "low",
    preemptible: true,
    walltime: milliseconds(20 * hourMs),
    checkpoint,
  });
  runAll(hub);
  hub.wait(hourMs);
  hub.budget("works", "hub", hub.feedWatts() + 500, [hub.nowMs]);
  hub.run({ nodeCount: 3, walltime: milliseconds(30 * hourMs) });
  const promised = known(promises(hub)[0], "the promised start");
  const changes = { ...urgentPair, walltime: milliseconds(10 * hourMs) };
  const [told, lowered] = loweredFor(hub, changes);
  expect(lowered).toEqual([1]);
  expect(told).toEqual(lowered);
  // Until they have answered the ledger would not hold both.
  hub.budget("elsewhere", "hub", 1_000_000, [hub.nowMs]);
  expect(promises(hub)).toContainEqual(promised);
  acknowledge(hub);
  hub.place();
  expect(attemptsOf(hub)).toHaveLength(4);
  expect(promises(hub)).toEqual([promised]);
});

function promises(hub: Hub): readonly (readonly [job: number, startAtMs: number])[] {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  return pools
    .flatMap(({ reservations }) => reservations)
    .map((one) => [one.job, one.startAtMs] as const);
}

/** Caps fall for one who waits, while who comes after it lacks the watts of two GPUs; a pair of nodes might be stopped. */
function hubWithFallingCaps(): Hub {
  const hub = new Hub(cappedHub());
  hub.run({ ...soft, nodeCount: 4, preemptible: false, walltime: milliseconds(10 * hourMs) });
  hub.run({ ...soft, nodeCount: 2, flexibilityTier: 0, checkpoint });
  runAll(hub);
  hub.wait(hourMs);
  hub.budget("works", "hub", hub.feedWatts() + 500, [hub.nowMs]);
  hub.run({ walltime: milliseconds(3 * hourMs) });
  expect(attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined)).toHaveLength(1);
  return hub;
}

test("nobody stops for a job that comes while caps fall for another: once that one has started, they fall for it, too", () => {
  const hub = hubWithFallingCaps();
  const plan = planJob(hub.state, defaultLimits, spec(urgentPair), "aida");
  expect(plan.kind).toBe("waits");
  hub.run(urgentPair);
  expect(stoppingCount(hub)).toBe(0);
  for (let round = 0; round < 2; round += 1) {
    acknowledge(hub);
    hub.place();
    hub.place();
  }
  expect(attemptsOf(hub)).toHaveLength(4);
  expect(stoppingCount(hub)).toBe(0);
});

test("where they do not answer others stop for it half a minute later", () => {
  const hub = hubWithFallingCaps();
  hub.run(urgentPair);
  hub.wait(30_000);
  hub.place();
  expect(stoppingCount(hub)).toBe(1);
});
