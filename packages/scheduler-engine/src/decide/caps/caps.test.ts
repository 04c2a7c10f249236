import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const bending: Partial<JobSpec> = { flexibilityTier: 25, workloadClass: "straight" };

function attemptOf(hub: Hub, job: number): Attempt | undefined {
  return activeAttempts(known(hub.state.jobs.get(job), "job"))[0];
}

function capOf(hub: Hub, job: number): number | undefined {
  return attemptOf(hub, job)?.capWatts;
}

/** As a number: 400 W is no cap. */
function cappedAt(hub: Hub, job: number): number {
  const cap = capOf(hub, job) ?? 0;
  return cap === 0 ? 400 : cap;
}

/** Every cap that is wanted is held and acknowledged, and what follows is placed. */
function answer(hub: Hub): void {
  acknowledge(hub);
  settle(hub);
}

function settle(hub: Hub): void {
  for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
    hub.place();
  }
  expect(hub.engine.needsPass).toBe(false);
}

/** A feed for so many watts above the eight idle nodes and what is always on. */
function hubWith(aboveIdleWatts: number): Hub {
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + aboveIdleWatts, [startMs]);
  return hub;
}

test("a job that tolerates it starts capped when it then ends no later than by waiting", () => {
  const hub = hubWith(2 * 3_200 + 2_500);
  hub.run({ nodeCount: 2, walltime: milliseconds(2 * hourMs) });
  const bent = hub.run(bending);
  // 2,500 W for eight GPUs that idle at nothing above: 312 W each, in steps of 5 W from the floor.
  expect(capOf(hub, bent)).toBe(310);
  const endsByMs = startMs + Math.ceil(hourMs / 0.775);
  expect(attemptOf(hub, bent)?.endsByMs).toBe(endsByMs);
  const rigid = hub.run({ workloadClass: "straight" });
  expect(attemptOf(hub, rigid)).toBeUndefined();
});

test("it waits for full power when that is sooner done", () => {
  const hub = hubWith(3_200 + 2_500);
  hub.run({ walltime: milliseconds(600_000) });
  const bent = hub.run({ ...bending, walltime: milliseconds(10 * hourMs) });
  expect(attemptOf(hub, bent)).toBeUndefined();
});

test("running jobs are lowered for one more where all get more done, and it starts when they have answered", () => {
  const hub = hubWith(2 * 3_200 + 1_600);
  const first = hub.run(bending);
  const second = hub.run(bending);
  expect([capOf(hub, first), capOf(hub, second)]).toEqual([0, 0]);
  const third = hub.run(bending);
  expect(attemptOf(hub, third)).toBeUndefined();
  const isWaiting = [first, second].some((job) => attemptOf(hub, job)?.capInForce !== undefined);
  expect(isWaiting).toBe(true);
  answer(hub);
  expect(attemptOf(hub, third)).toBeDefined();
  const caps = [first, second, third].map((job) => cappedAt(hub, job));
  expect(caps.every((cap) => cap >= 300)).toBe(true);
  const used = caps.reduce((sum, cap) => sum + 8 * cap, 0);
  expect(used).toBeGreaterThan(8_000 - 3 * 8 * 5);
  expect(used).toBeLessThanOrEqual(8_000);
});

test("a longer job is lowered before a shorter one, and raised after it", () => {
  const hub = hubWith(2 * 3_200 + 1_600);
  const long = hub.run({ ...bending, walltime: milliseconds(100 * hourMs) });
  const short = hub.run(bending);
  const third = hub.run({ ...bending, walltime: milliseconds(2 * hourMs) });
  answer(hub);
  // 1,000 W for three GPUs: the long one is at its floor, and the shortest at full power.
  expect([long, short, third].map((job) => cappedAt(hub, job))).toEqual([300, 400, 300]);
  hub.finish(short);
  answer(hub);
  expect([long, third].map((job) => capOf(hub, job))).toEqual([0, 0]);
});

test("nobody is lowered below the floor, nor for a job that would not start by it", () => {
  const hub = hubWith(2 * 3_200 + 1_500);
  const jobs = [hub.run(bending), hub.run(bending), hub.run({ ...bending, nodeCount: 2 })];
  settle(hub);
  expect(jobs.map((job) => capOf(hub, job))).toEqual([0, 0, undefined]);
});

test("free watts raise capped jobs when nothing more can start", () => {
  const hub = hubWith(2 * 3_200 + 1_600);
  const jobs = [hub.run(bending), hub.run(bending), hub.run(bending)];
  answer(hub);
  hub.finish(known(jobs[0], "job"));
  settle(hub);
  expect(jobs.slice(1).map((job) => capOf(hub, job))).toEqual([0, 0]);
  for (const job of jobs.slice(1)) {
    expect(attemptOf(hub, job)?.endsByMs).toBeLessThanOrEqual(startMs + hourMs);
  }
});

test("a lowering does not make a promised start late", () => {
  const hub = hubWith(3 * 3_200);
  hub.run({ walltime: milliseconds(hourMs) });
  const bent = hub.run({ ...bending, walltime: milliseconds(hourMs) });
  // The head waits for both to end: a lowered one would end later.
  const head = hub.run({ nodeCount: 3 });
  const promised = hub.state.sites.get("hub")?.pools[0]?.reservations[0];
  expect(promised?.job).toBe(head);
  const more = hub.run({ ...bending, walltime: milliseconds(hourMs / 4) });
  settle(hub);
  expect(attemptOf(hub, more)).toBeDefined();
  expect(capOf(hub, bent)).toBe(0);
  expect(hub.state.sites.get("hub")?.pools[0]?.reservations[0]?.startAtMs).toBe(
    promised?.startAtMs,
  );
});

test("a gang that can shrink starts smaller when it then ends no later", () => {
  const hub = hubWith(3 * 3_200);
  hub.run({ nodeCount: 1, walltime: milliseconds(4 * hourMs) });
  const gang = hub.run({ nodeCount: 4, nodeCountMin: 1, workloadClass: "straight" });
  expect(attemptOf(hub, gang)).toMatchObject({
    heldNodes: [2, 3],
    endsByMs: startMs + 2 * hourMs,
    workMs: hourMs,
  });
});

test("a job with a minimum walltime fills the hole before a promised start", () => {
  const hub = hubWith(2 * 3_200);
  hub.run({ walltime: milliseconds(hourMs) });
  const head = hub.run({ nodeCount: 2 });
  const promised = hub.state.sites.get("hub")?.pools[0]?.reservations[0];
  expect(promised?.job).toBe(head);
  const filler = hub.run({
    walltime: milliseconds(3 * hourMs),
    walltimeMin: milliseconds(hourMs / 2),
  });
  expect(attemptOf(hub, filler)?.endsByMs).toBe((promised?.startAtMs ?? 0) - 60_000);
});

test("an attempt whose lowering is on its way is raised only once its nodes have answered", () => {
  const hub = new Hub(cappedHub());
  const job = hub.run(bending);
  // Somebody lowered it for watts that others count on; bounds show them in use until it answers.
  hub.setCap({ job, task: 0, attempt: 1 }, 300, startMs + (4 * hourMs) / 3);
  hub.run({ nodeCount: 1 });
  settle(hub);
  expect(capOf(hub, job)).toBe(300);
  answer(hub);
  expect(capOf(hub, job)).toBe(0);
});
