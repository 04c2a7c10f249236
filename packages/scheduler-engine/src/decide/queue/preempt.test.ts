import { milliseconds, toMillijoules, toNumber } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits, stopGraceMs, victimWorkMinMs } from "../../limits.ts";
import { planJob } from "../../read/explain/plan.ts";
import { Hub, hourMs, spec } from "../../testing/test-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import {
  fill,
  runningCount,
  saveAndLeave,
  soft,
  stoppingOf,
} from "../../testing/test-preemption.ts";

test("nobody stops for a start that is no sooner than the promised one", () => {
  const hub = new Hub();
  const slow = { save: milliseconds(hourMs / 2), restore: milliseconds(60_000) };
  fill(hub, { checkpoint: slow, walltime: milliseconds(200 * hourMs) }, 4);
  hub.wait(10 * hourMs);
  hub.run({ nodeCount: 4, walltime: milliseconds(hourMs / 6) });
  const endsByMs = hub.nowMs + hourMs / 6;
  const urgent = hub.run({ nodeCount: 4, priorityClass: "urgent" });
  const kept = hub.state.sites.get("hub")?.pools[0]?.reservations[0];
  expect(kept).toMatchObject({ job: urgent });
  expect(kept?.startAtMs).toBeLessThanOrEqual(endsByMs + 2 * stopGraceMs);
  expect(stoppingOf(hub)).toEqual([]);
});

test("a higher class stops as few as it needs, starts on their nodes, and they go on where they were", () => {
  const hub = new Hub();
  const running = fill(hub);
  hub.wait(hourMs);
  const urgent = hub.run({ nodeCount: 2, priorityClass: "urgent" });
  const stopping = stoppingOf(hub);
  expect(stopping).toHaveLength(2);
  expect(runningCount(hub, urgent)).toBe(0);
  // Nobody slips in between.
  const late = hub.run();
  for (const job of stopping) {
    saveAndLeave(hub, job);
    hub.place();
  }
  expect([runningCount(hub, urgent), runningCount(hub, late)]).toEqual([1, 0]);
  expect(stoppingOf(hub)).toEqual([]);
  hub.finish(urgent);
  hub.place();
  hub.place();
  hub.finish(late);
  hub.place();
  hub.place();
  const victim = hub.state.jobs.get(stopping[0] ?? 0);
  const second = victim?.active?.get(0);
  expect(second?.attempt).toBe(2);
  expect(second?.workMs).toBe(19 * hourMs + 60_000);
  expect(running).toContain(stopping[0]);
});

test("protected jobs are never touched, whoever asks", () => {
  const { checkpoint: _, ...lossy } = soft;
  const protectedSpecs: readonly Partial<JobSpec>[] = [
    { ...soft, preemptible: false },
    { ...lossy, flexibilityTier: 0 },
  ];
  for (const changes of protectedSpecs) {
    const hub = new Hub();
    for (let count = 0; count < 8; count += 1) {
      const job = hub.run(changes);
      hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
    }
    hub.wait(hourMs);
    hub.run({ priorityClass: "urgent" });
    expect(stoppingOf(hub)).toEqual([]);
  }
});

test("a start that is promised beside victims who still save their work delays no earlier one", () => {
  const hub = new Hub();
  hub.budget("feed", "hub", hub.feedWatts() + 4 * 8_000, [hub.nowMs]);
  fill(hub, {}, 3);
  // What they give up are watts: their nodes are left alone.
  hub.cordon(0, 1, 2);
  const ending = hub.run({ walltime: milliseconds(2 * hourMs) });
  const early = hub.run({ walltime: milliseconds(5 * hourMs) });
  const promised = (): readonly (readonly [number, number])[] =>
    (hub.state.sites.get("hub")?.pools[0]?.reservations ?? []).map((one) => [
      one.job,
      one.startAtMs,
    ]);
  const dueMs = promised()[0]?.[1] ?? 0;
  hub.wait(dueMs - 5_000 - hub.nowMs);
  hub.finish(ending);
  const urgent = hub.run({ priorityClass: "urgent", walltime: milliseconds(5 * hourMs) });
  // Its victim writes its checkpoint still when the earlier start is due.
  expect(stoppingOf(hub)).toHaveLength(1);
  expect(promised()).toEqual([
    [early, dueMs],
    [urgent, dueMs - 5_000 + 30_000 + stopGraceMs],
  ]);
  hub.place();
  hub.wait(5_000);
  hub.place();
  expect([runningCount(hub, early), runningCount(hub, urgent)]).toEqual([1, 0]);
  hub.wait(25_000);
  stoppingOf(hub).forEach((job) => saveAndLeave(hub, job));
  hub.place();
  expect([runningCount(hub, urgent), stoppingOf(hub)]).toEqual([1, []]);
});

test("who starts once its victims have saved leaves room for what begins before it then ends", () => {
  const hub = new Hub();
  const slow = { save: milliseconds(30_000), restore: milliseconds(120_000) };
  fill(hub, { checkpoint: slow }, 7);
  const [cheap = 0] = fill(hub, { walltime: milliseconds(hourMs) }, 1);
  hub.wait(hourMs / 2);
  // They may draw 81 kW, and 73 kW once the one that is cheapest to stop has ended by itself.
  const fromMs = hub.nowMs + hourMs + stopGraceMs;
  hub.budget("night", "hub", 76_000, [fromMs]);
  const urgent = hub.run({ priorityClass: "urgent", walltime: milliseconds(hourMs) });
  const [kept] = hub.state.sites.get("hub")?.pools[0]?.reservations ?? [];
  expect(kept).toMatchObject({ job: urgent });
  expect(kept?.holdsUntilMs).toBeGreaterThan(fromMs);
  for (const { load, ceiling } of hub.state.sites.get("hub")?.horizons ?? []) {
    expect(load[0]).toBeLessThanOrEqual(ceiling[0] ?? 0);
  }
  const [victim = 0, ...others] = stoppingOf(hub);
  expect([victim, others]).toEqual([expect.any(Number), []]);
  expect([0, cheap]).not.toContain(victim);
  saveAndLeave(hub, victim);
  hub.place();
  expect(runningCount(hub, urgent)).toBe(1);
});

test("the same class is not stopped, nor who has only just begun; later it is", () => {
  const hub = new Hub();
  fill(hub, { priorityClass: "normal" });
  hub.wait(hourMs);
  hub.run({});
  expect(stoppingOf(hub)).toEqual([]);
  const fresh = new Hub();
  fill(fresh);
  fresh.run({ priorityClass: "high" });
  expect(stoppingOf(fresh)).toEqual([]);
  expect(fresh.engine.nextTickAtMs()).toBe(fresh.nowMs + victimWorkMinMs);
  fresh.wait(victimWorkMinMs);
  expect(fresh.engine.needsPass).toBe(true);
  fresh.place();
  fresh.place();
  expect(stoppingOf(fresh)).toHaveLength(1);
});

test("the smallest loss of work: a checkpoint rather than hours, few GPUs rather than many", () => {
  const hub = new Hub();
  const big = hub.run({ ...soft, nodeCount: 4 });
  const { checkpoint: _, ...lossy } = soft;
  const hours = hub.run({ ...lossy, flexibilityTier: 50, nodeCount: 2 });
  const small = hub.run({ ...soft });
  const dear = hub.run({
    ...soft,
    checkpoint: { save: milliseconds(90_000), restore: milliseconds(90_000) },
  });
  for (const job of [big, hours, small, dear]) {
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs);
  hub.run({ priorityClass: "high" });
  expect(stoppingOf(hub)).toEqual([small]);
});

test("a whole gang goes, or none of it", () => {
  const hub = new Hub();
  const gang = hub.run({ ...soft, nodeCount: 8 });
  hub.report({ kind: "attempt-running", attempt: { job: gang, task: 0, attempt: 1 } });
  hub.wait(hourMs);
  const urgent = hub.run({ priorityClass: "urgent" });
  expect(stoppingOf(hub)).toEqual([gang]);
  saveAndLeave(hub, gang);
  hub.place();
  expect(runningCount(hub, urgent)).toBe(1);
  expect(hub.state.sites.get("hub")?.gpusHeld.reduce((sum, held) => sum + held, 0)).toBe(8);
});

test("who is about to start anyway stops nobody", () => {
  const hub = new Hub();
  fill(hub, { walltime: milliseconds(1.05 * hourMs) });
  hub.wait(hourMs);
  hub.run({ priorityClass: "urgent" });
  expect(stoppingOf(hub)).toEqual([]);
});
test("a plan names whom a submit then stops, and changes nothing", () => {
  const hub = new Hub();
  fill(hub);
  hub.wait(hourMs);
  const wanted = spec({ nodeCount: 2, priorityClass: "urgent" });
  const before = hub.ledger();
  const plan = planJob(hub.state, defaultLimits, wanted, "aida");
  expect([hub.ledger(), stoppingOf(hub)]).toEqual([before, []]);
  expect(plan).toMatchObject({ kind: "start-after-preemption", site: "hub" });
  hub.run({ nodeCount: 2, priorityClass: "urgent" });
  const stopping = stoppingOf(hub);
  expect(stopping).toHaveLength(2);
  if (plan.kind === "start-after-preemption") {
    expect(plan.preempted).toEqual(stopping);
    expect(plan.nodes).toHaveLength(2);
    expect(plan.startAtMs).toBe(hub.nowMs + 30_000 + stopGraceMs);
    expect(plan.endsByMs).toBe(plan.startAtMs + toNumber(wanted.walltime));
    const joules = (plan.powerReservedWatts * toNumber(wanted.walltime)) / 1_000;
    expect(Number(toMillijoules(plan.energyUpperBound))).toBe(joules * 1_000);
  }
  expect(planJob(hub.state, defaultLimits, spec(), "aida").kind).toBe("waits");
});
