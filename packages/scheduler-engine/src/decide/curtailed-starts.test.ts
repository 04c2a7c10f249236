import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../read/compliance.ts";
import { cappedHub, Hub, hourMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts } from "../state/job.ts";
import type { JobSpec } from "../words/job-spec.ts";

const minuteMs = 60_000;
const periodMs = 10_000;
/** Neither capped nor shrunk: it starts whole or not at all. */
const rigid = { nodeCount: 1, flexibilityTier: 0 } as const;
const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;

/** Standard normal numbers by seed. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** GPUs that draw so much of what their curve says (0.95 of the cap), with noise; nodes idle at 2 kW, 1 kW is fixed. */
class Plant {
  readonly hub = new Hub(cappedHub());
  readonly #share: number;
  readonly #noise: () => number;
  readonly #ratios = new Map<number, number>();
  /** A job draws after so long, and not before. */
  startUpMs = 0;
  /** Highest bound of the feed, and how often a cap fell. */
  highestBoundWatts = 0;
  loweredCount = 0;

  constructor(share: number, noise: () => number = () => 0) {
    this.#share = share;
    this.#noise = noise;
  }

  run(changes: Partial<JobSpec>): number {
    return this.hub.run({ walltime: milliseconds(10 * hourMs), ...bending, ...changes });
  }

  isRunning(job: number): boolean {
    return known(this.hub.state.jobs.get(job), "job").runningCount > 0;
  }

  /** The target holds for the next hour, from a minute on. */
  curtail(targetWatts: number): void {
    const at = instant(this.hub.nowMs);
    const curtailment = {
      id: "noon",
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(targetWatts),
      // Of an hour in which more ran.
      baseline: watts(50_000),
      start: instant(this.hub.nowMs + minuteMs),
      end: instant(this.hub.nowMs + minuteMs + hourMs),
      ramp: milliseconds(0),
      reason: "market",
      setBy: "olga",
      noticedAt: at,
    } as const;
    const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
    expect(this.hub.engine.execute(command).reply).toEqual({ kind: "done" });
  }

  pass(minutes: number, each: () => void = () => {}): void {
    for (let step = 0; step < minutes * 6; step += 1) {
      each();
      this.#step();
    }
  }

  #step(): void {
    const { hub } = this;
    const attempts = [];
    let total = 1_000 + 8 * 2_000;
    const minute = 1 + 0.0035 * this.#noise();
    for (const job of hub.state.jobs.after(0)) {
      for (const { task, attempt, capWatts, capOrder, heldNodes, startedAtMs } of activeAttempts(
        job,
      )) {
        const key = { job: job.number, task, attempt };
        hub.report({ kind: "cap-applied", attempt: key, nodes: [], capWatts, order: capOrder });
        const isUp = hub.nowMs - startedAtMs >= this.startUpMs;
        const gpuWatts = isUp ? 0.95 * (capWatts || 400) * this.#ratio(job.number) * minute : 0;
        const ofGpus = heldNodes.length * 8 * gpuWatts;
        attempts.push({ attempt: key, watts: Math.round(heldNodes.length * 2_000 + ofGpus) });
        total += Math.round(ofGpus);
      }
    }
    hub.nowMs += periodMs;
    const domains = [{ domain: 0, watts: total }];
    const at = instant(hub.nowMs);
    const before = this.#caps();
    hub.engine.execute({ kind: "measure", at, site: "hub", domains, attempts });
    for (const [job, cap] of this.#caps()) {
      this.loweredCount += cap < (before.get(job) ?? 0) ? 1 : 0;
    }
    hub.wait(0);
    // As the runtime does: a pass where there is something to look at.
    if (hub.engine.needsPass) {
      hub.place();
    }
    this.highestBoundWatts = Math.max(this.highestBoundWatts, hub.feedWatts());
  }

  #caps(): ReadonlyMap<number, number> {
    const { attempts } = known(this.hub.state.sites.get("hub"), "hub");
    return new Map([...attempts].map(({ job, capWatts }) => [job, capWatts || 400]));
  }

  #ratio(job: number): number {
    let ratio = this.#ratios.get(job);
    if (ratio === undefined) {
      ratio = this.#share * (1 + 0.015 * this.#noise());
      this.#ratios.set(job, ratio);
    }
    return ratio;
  }

  minutesOver(): number {
    return complianceOf(this.hub.state, "noon")?.minutesOverCount ?? Infinity;
  }
}

/** Six of eight nodes are busy: bounds of 36.2 kW, of which 33.4 kW are drawn. */
function busy(share = 0.9): Plant {
  const plant = new Plant(share);
  for (let gang = 0; gang < 3; gang += 1) {
    plant.run({ nodeCount: 2 });
  }
  plant.pass(15);
  return plant;
}

test("a job starts in what is measured to be left of a planned target, above it by bounds, and nobody is lowered", () => {
  const plant = busy();
  plant.curtail(38_000);
  plant.pass(10);
  const younger = plant.run(rigid);
  expect(plant.isRunning(younger)).toBe(true);
  plant.pass(20);
  expect(plant.highestBoundWatts).toBe(39_400);
  expect([plant.loweredCount, plant.minutesOver()]).toEqual([0, 0]);
  // Another 3.2 kW are not left: 36.2 kW are drawn.
  const third = plant.run(rigid);
  plant.pass(10);
  expect(plant.isRunning(third)).toBe(false);
});

test("a job that came before there was room starts when the measurement shows it", () => {
  const plant = busy();
  plant.curtail(38_000);
  plant.pass(10);
  const [first, second] = [plant.run(rigid), plant.run(rigid)];
  plant.pass(5);
  expect([plant.isRunning(first), plant.isRunning(second)]).toEqual([true, false]);
  plant.hub.finish(first);
  plant.hub.place();
  // Its bound is gone at once; that it draws no more has to be seen.
  expect(plant.isRunning(second)).toBe(false);
  plant.pass(1);
  expect(plant.isRunning(second)).toBe(true);
  plant.pass(10);
  expect([plant.loweredCount, plant.minutesOver()]).toEqual([0, 0]);
});

test("while others are held below full power their caps rise first: nobody starts", () => {
  const plant = busy();
  plant.curtail(31_000);
  plant.pass(10);
  expect(plant.loweredCount).toBeGreaterThan(0);
  const younger = plant.run({ nodeCount: 1 });
  plant.pass(20);
  expect(plant.isRunning(younger)).toBe(false);
  expect(plant.minutesOver()).toBe(0);
});

test("what has started and does not draw yet keeps its watts", () => {
  const plant = busy();
  plant.startUpMs = 5 * minuteMs;
  plant.curtail(38_000);
  plant.pass(10);
  const first = plant.run(rigid);
  plant.pass(1);
  const second = plant.run(rigid);
  plant.pass(10);
  expect([plant.isRunning(first), plant.isRunning(second)]).toEqual([true, false]);
  expect([plant.loweredCount, plant.minutesOver()]).toEqual([0, 0]);
});

test("with silent meters the target holds bounds again, and nothing starts above it", () => {
  const plant = busy();
  plant.curtail(38_000);
  plant.pass(10);
  for (let second = 0; second < 91; second += 1) {
    plant.hub.wait(1_000);
  }
  expect(plant.isRunning(plant.run(rigid))).toBe(false);
});

test("a breaker is never above its limit, whatever is measured", () => {
  const plant = new Plant(0.5);
  const { site } = known(plant.hub.state.sites.get("hub"), "hub");
  const limitWatts = toNumber(known(site.domains[0], "feed").usableWatts);
  expect(limitWatts).toBeGreaterThan(42_600);
  plant.hub.register(cappedHub().replace("limit: 300 kW", "limit: 38 kW"));
  for (let gang = 0; gang < 3; gang += 1) {
    plant.run({ nodeCount: 2 });
  }
  plant.pass(15);
  plant.curtail(37_500);
  plant.pass(5);
  // 27 kW are drawn, and bounds of 36.2 kW are in force.
  expect(plant.isRunning(plant.run(rigid))).toBe(false);
  expect(plant.highestBoundWatts).toBeLessThanOrEqual(38_000);
});

test("whatever the noise, starts push no minute over the target, and lower nobody", () => {
  let startedCount = 0;
  let loweredCount = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const noise = normals(seed);
    const plant = new Plant(0.92 + 0.014 * noise(), noise);
    plant.startUpMs = 20_000;
    for (let gang = 0; gang < 2; gang += 1) {
      plant.run({ nodeCount: 2 });
    }
    plant.pass(15);
    plant.curtail(37_000 + 250 * seed);
    plant.pass(2);
    let step = 0;
    plant.pass(55, () => {
      step += 1;
      if (step % 11 === 0) {
        plant.run(rigid);
      }
      const started = [...plant.hub.state.jobs.after(2)].find((job) =>
        [...activeAttempts(job)].some((one) => plant.hub.nowMs - one.startedAtMs > 5 * minuteMs),
      );
      if (started !== undefined) {
        startedCount += 1;
        plant.hub.finish(started.number);
      }
    });
    expect(plant.minutesOver()).toBe(0);
    loweredCount += plant.loweredCount;
  }
  expect(loweredCount).toBe(0);
  // By bounds alone it would be 252.
  expect(startedCount).toBeGreaterThan(300);
});
