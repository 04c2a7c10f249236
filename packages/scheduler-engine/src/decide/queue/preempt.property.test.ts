import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { stateDigest } from "../../history/digest.ts";
import { victimWorkMinMs } from "../../limits.ts";
import { findNodes } from "../../placement/search.ts";
import { isNeverPreempted } from "../../apply/shares.ts";
import { Rules, victimsAt } from "../../placement/victims.ts";
import { wantedIn } from "../../placement/wanted.ts";
import { withLifting } from "../../power/what-if/lifting.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt, type Job } from "../../state/job.ts";
import type { Pool } from "../../state/site-state.ts";
import type { Account } from "../../words/account.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import { priorityClasses, type JobSpec } from "../../words/job-spec.ts";
import { planPreemption } from "./preempt.ts";

/** xorshift, whole numbers below `bound`. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const accounts: readonly Account[] = [
  {
    id: "north",
    weight: 2,
    quota: { guaranteedGpuCount: 24, guaranteed: watts(30_000), borrowableGpuCount: 32 },
  },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(20_000) } },
  { id: "north/p1", weight: 1 },
  { id: "north/p2", weight: 3 },
  { id: "south/p3", weight: 1 },
];

/** A cluster that saves, stops and ends as it should, each at some later moment. */
class World {
  readonly hub = new Hub();
  readonly #random: (bound: number) => number;
  readonly #stops = new Map<string, number>();
  readonly preempted: { readonly key: AttemptKey; readonly ranMs: number }[] = [];

  constructor(seed: number) {
    this.#random = createRandom(seed);
    const { hub } = this;
    if (this.#random(2) === 0) {
      hub.engine.execute({ kind: "set-accounts", at: instant(hub.nowMs), by: "olga", accounts });
    }
  }

  submit(): number {
    const random = this.#random;
    const changes: Partial<JobSpec> = {
      project: ["p1", "p2", "p3", "p4"][random(4)] ?? "p1",
      nodeCount: 1 + random(random(4) === 0 ? 6 : 2),
      gpusPerNode: [1, 4, 8, 8][random(4)] ?? 8,
      walltime: milliseconds((1 + random(8)) * hourMs),
      priorityClass: priorityClasses[random(4)] ?? "normal",
      preemptible: random(4) > 0,
      flexibilityTier: ([0, 10, 50] as const)[random(3)] ?? 0,
      ...(random(3) === 0
        ? {}
        : {
            checkpoint: {
              save: milliseconds(1000 * (1 + random(120))),
              restore: milliseconds(1000 * random(120)),
            },
          }),
    };
    return this.hub.submit(changes, ["aida", "bek"][random(2)]);
  }

  /** Lets time pass to the next thing that falls due, and the cluster do what is due by then. */
  step(): void {
    const { hub } = this;
    const due = hub.engine.nextTickAtMs() ?? Infinity;
    hub.wait(Math.max(1, Math.min(due - hub.nowMs, 1000 * this.#random(1200))));
    this.#cluster();
    for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
      this.#place();
    }
  }

  #place(): void {
    const { hub } = this;
    const before = this.#running();
    hub.place();
    this.check();
    for (const [name, { key, startedAtMs }] of before) {
      const attempt = hub.state.jobs.get(key.job)?.active?.get(key.task);
      if (attempt?.phase === "stopping" && attempt.stopReason === "preemption") {
        if (!this.#stops.has(name)) {
          this.preempted.push({ key, ranMs: hub.nowMs - startedAtMs });
        }
      }
    }
  }

  #running(): ReadonlyMap<string, { readonly key: AttemptKey; readonly startedAtMs: number }> {
    const found = new Map<string, { key: AttemptKey; startedAtMs: number }>();
    for (const job of this.hub.state.jobs.after(0)) {
      for (const { task, attempt, phase, startedAtMs } of job.active?.values() ?? []) {
        if (phase === "running" || phase === "starting") {
          const key = { job: job.number, task, attempt };
          found.set(`${job.number}/${attempt}`, { key, startedAtMs });
        }
      }
    }
    return found;
  }

  #cluster(): void {
    const { hub } = this;
    // Copies: a report may end what is walked over.
    const jobs = Array.from(hub.state.jobs.after(0));
    for (const job of jobs) {
      for (const one of activeAttempts(job)) {
        const key = { job: job.number, task: one.task, attempt: one.attempt };
        const name = `${key.job}/${key.attempt}`;
        if (one.phase === "starting") {
          hub.report({ kind: "attempt-running", attempt: key });
        } else if (
          one.phase === "running" &&
          one.endsByMs - hub.nowMs < hourMs &&
          this.#random(6) === 0
        ) {
          hub.report(
            { kind: "attempt-exited", attempt: key, outcome: { kind: "succeeded" } },
            { kind: "stop-confirmed", attempt: key, nodes: [] },
          );
        } else if (one.phase === "stopping") {
          const since = this.#stops.get(name) ?? hub.nowMs;
          this.#stops.set(name, since);
          const saveMs = Number(job.spec.checkpoint?.save ?? 0);
          if (hub.nowMs - since >= Math.min(saveMs, 60_000)) {
            hub.report(
              { kind: "checkpointed", attempt: key },
              {
                kind: "attempt-exited",
                attempt: key,
                outcome: { kind: "failed", category: "preemption", exitCode: 1 },
              },
              { kind: "stop-confirmed", attempt: key, nodes: [] },
            );
          }
        }
      }
    }
  }

  check(): void {
    const { state } = this.hub;
    const held = new Map<string, number>();
    for (const job of state.jobs.after(0)) {
      for (const attempt of job.active?.values() ?? []) {
        if (attempt.stopReason === "preemption") {
          expect(isNeverPreempted(job.spec), `job ${job.number} is protected`).toBe(false);
        }
        if (attempt.heldNodes.length > 0) {
          const gpuCount = attempt.placement.nodes.length * attempt.gpusPerNode;
          held.set("", (held.get("") ?? 0) + gpuCount);
        }
      }
    }
    expect(state.shares.accounts[0]?.held.gpuCount).toBe(held.get("") ?? 0);
    for (const { id, held: now, quota } of state.shares.accounts) {
      expect(now.gpuCount, id).toBeLessThanOrEqual(quota?.most.gpuCount ?? Infinity);
      expect(now.reservedWatts, id).toBeLessThanOrEqual(quota?.most.watts ?? Infinity);
    }
  }
}

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
  test(`protected jobs run on, quotas hold, everybody ends in the end (seed ${seed})`, () => {
    const world = new World(seed);
    for (let count = 0; count < 60; count += 1) {
      world.submit();
      world.step();
    }
    const reader = new SnapshotReader();
    for (const chunk of encodeSnapshot(world.hub.state)) {
      reader.add(chunk);
    }
    expect(stateDigest(reader.finish())).toBe(stateDigest(world.hub.state));
    for (let step = 0; step < 3000 && world.hub.state.unfinishedCount > 0; step += 1) {
      world.step();
    }
    expect(world.hub.state.unfinishedCount).toBe(0);
    for (const { key, ranMs } of world.preempted) {
      expect(ranMs, `attempt ${JSON.stringify(key)}`).toBeGreaterThanOrEqual(victimWorkMinMs);
    }
    for (const job of world.hub.state.jobs.after(0)) {
      // Nobody ends for having been stopped.
      expect(job.history.at(-1)?.stopReason).not.toBe("preemption");
    }
  });
}

test("over twelve seeds somebody is stopped, or the test above says nothing", () => {
  let count = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const world = new World(seed);
    for (let step = 0; step < 60; step += 1) {
      world.submit();
      world.step();
    }
    count += world.preempted.length;
  }
  expect(count).toBeGreaterThan(20);
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`no victim could be spared, and the loss is near the least of all sets (seed ${seed})`, () => {
    const random = createRandom(seed);
    let found = 0;
    let victimCount = 0;
    let sum = 0;
    let sumOfBest = 0;
    for (let round = 0; round < 12; round += 1) {
      const hub = new Hub();
      for (let count = 0; count < 10; count += 1) {
        const job = hub.run({
          preemptible: true,
          priorityClass: "low",
          nodeCount: 1 + random(3),
          gpusPerNode: [4, 8][random(2)] ?? 8,
          walltime: milliseconds(20 * hourMs),
          checkpoint: { save: milliseconds(1000 * (1 + random(100))), restore: milliseconds(0) },
        });
        if (hub.state.jobs.get(job)?.runningCount === 1) {
          hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
        } else {
          hub.change("cancel-jobs", [job]);
        }
      }
      hub.wait(hourMs);
      const job = known(
        hub.state.jobs.get(hub.submit({ nodeCount: 1 + random(3), priorityClass: "high" })),
        "job",
      );
      const before = hub.ledger();
      const planned = planPreemption(hub.engine, job);
      const plan = planned !== undefined && "stops" in planned ? planned.stops : undefined;
      expect(hub.ledger()).toBe(before);
      if (plan !== undefined) {
        found += 1;
        victimCount += plan.victims.length;
        sum += plan.lossGpuMs;
        sumOfBest += leastLoss(hub, plan.pool, job);
        const stopped = plan.victims.map(({ attempt }) => attempt);
        expect(fitsWithout(hub, plan.pool, job, stopped)).toBe(true);
        for (const spared of stopped) {
          const others = stopped.filter((one) => one !== spared);
          expect(fitsWithout(hub, plan.pool, job, others), `round ${round}`).toBe(false);
        }
      }
    }
    expect(found).toBeGreaterThan(3);
    // Of one alone nobody could be spared anyway.
    expect(victimCount).toBeGreaterThan(found);
    expect(sum / sumOfBest).toBeLessThan(1.08);
  });
}

/** Does a job start there when those are gone? What is promised to others stays theirs. */
function fitsWithout(hub: Hub, pool: Pool, job: Job, stopped: readonly Attempt[]): boolean {
  const wanted = { ...wantedIn(pool, job, hub.nowMs), mayUseKept: false };
  return withLifting(pool.site, (lifting) => {
    stopped.forEach((attempt) => lifting.lift(attempt));
    return findNodes(wanted) !== undefined;
  });
}

/** Every set of victims is tried. */
function leastLoss(hub: Hub, pool: Pool, job: Job): number {
  const victims = victimsAt(hub.state, pool.site, new Rules(hub.state, job), hub.engine.limits);
  let least = Infinity;
  for (let set = 0; set < 2 ** victims.length; set += 1) {
    const chosen = victims.filter((_, at) => (set & (1 << at)) !== 0);
    const loss = chosen.reduce((sum, victim) => sum + victim.lossGpuMs, 0);
    const stopped = chosen.map(({ attempt }) => attempt);
    if (loss < least && fitsWithout(hub, pool, job, stopped)) {
      least = loss;
    }
  }
  return least;
}
