import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { cappedHub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** Neither capped nor shrunk: it starts whole or not at all. */
const rigid = { nodeCount: 1, flexibilityTier: 0 } as const;

/** Standard normal numbers by seed. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** GPUs that draw so much of what their curve says, with noise. */
class NoisyHub extends MeteredHub {
  readonly #share: number;
  readonly #noise: () => number;
  readonly #ratios = new Map<number, number>();
  #minuteNoise = 1;
  #caps: ReadonlyMap<number, number> = new Map();
  /** A job draws after so long, and not before. */
  startUpMs = 0;
  /** Highest bound of the feed, and how often a cap fell. */
  highestBoundWatts = 0;
  loweredCount = 0;

  constructor(share: number, noise: () => number = () => 0, text?: string) {
    super(text);
    this.#share = share;
    this.#noise = noise;
  }

  override run(changes: Partial<JobSpec>): number {
    return super.run({ ...bending, ...changes });
  }

  override drawShare({ job, startedAtMs }: Attempt): number {
    const ratio = this.#ratios.get(job) ?? this.#share * (1 + 0.015 * this.#noise());
    this.#ratios.set(job, ratio);
    const isUp = this.nowMs - startedAtMs > this.startUpMs;
    return isUp ? 0.95 * ratio * this.#minuteNoise : 0;
  }

  isRunning(job: number): boolean {
    return known(this.state.jobs.get(job), "job").runningCount > 0;
  }

  /** The target holds for an hour, from a minute on. */
  target(targetWatts: number): void {
    const start = instant(this.nowMs + minuteMs);
    // Of an hour in which more ran.
    const baseline = watts(50_000);
    const changes = { target: watts(targetWatts), baseline, start, ramp: milliseconds(0) };
    expect(this.curtail("noon", changes)).toEqual({ kind: "done" });
  }

  pass(minutes: number, each: () => void = () => {}): void {
    this.playUntil(this.nowMs + minutes * minuteMs, () => {
      this.#minuteNoise = 1 + 0.0035 * this.#noise();
      this.highestBoundWatts = Math.max(this.highestBoundWatts, this.feedWatts());
      const caps = new Map(this.attempts.map(({ job, capWatts }) => [job, capWatts || 400]));
      for (const [job, cap] of caps) {
        this.loweredCount += cap < (this.#caps.get(job) ?? 0) ? 1 : 0;
      }
      this.#caps = caps;
      each();
    });
  }

  minutesOver(): number {
    return complianceOf(this.state, "noon")?.minutesOverCount ?? Infinity;
  }
}

/** Six of eight nodes are busy: bounds of 36.2 kW, of which 33.4 kW are drawn. */
function busy(share = 0.9): NoisyHub {
  const plant = new NoisyHub(share);
  for (let gang = 0; gang < 3; gang += 1) {
    plant.run({ nodeCount: 2 });
  }
  plant.pass(15);
  return plant;
}

test("a job starts in what is measured to be left of a planned target, above it by bounds, and nobody is lowered", () => {
  const plant = busy();
  plant.target(38_000);
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
  plant.target(38_000);
  plant.pass(10);
  const [first, second] = [plant.run(rigid), plant.run(rigid)];
  plant.pass(5);
  expect([plant.isRunning(first), plant.isRunning(second)]).toEqual([true, false]);
  plant.finish(first);
  plant.place();
  // Its bound is gone at once; that it draws no more has to be seen.
  expect(plant.isRunning(second)).toBe(false);
  plant.pass(1);
  expect(plant.isRunning(second)).toBe(true);
  plant.pass(10);
  expect([plant.loweredCount, plant.minutesOver()]).toEqual([0, 0]);
});

test("while others are held below full power their caps rise first: nobody starts", () => {
  const plant = busy();
  plant.target(31_000);
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
  plant.target(38_000);
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
  plant.target(38_000);
  plant.pass(10);
  for (let second = 0; second < 91; second += 1) {
    plant.wait(1_000);
  }
  expect(plant.isRunning(plant.run(rigid))).toBe(false);
});

test("a breaker is never above its limit, whatever is measured", () => {
  const text = cappedHub().replace("limit: 300 kW", "limit: 38 kW");
  const plant = new NoisyHub(0.5, undefined, text);
  for (let gang = 0; gang < 3; gang += 1) {
    plant.run({ nodeCount: 2 });
  }
  plant.pass(15);
  plant.target(37_500);
  plant.pass(5);
  // 27 kW are drawn, and bounds of 36.2 kW are in force.
  expect(plant.isRunning(plant.run(rigid))).toBe(false);
  expect(plant.highestBoundWatts).toBeLessThanOrEqual(38_000);
});

const peakText = cappedHub().replace("partUse: share", "partUse: peak");

/** Five GPUs of each of eight nodes that count their peaks: bounds of 42.6 kW. */
function partlyBusy(share: number): NoisyHub {
  const plant = new NoisyHub(share, undefined, peakText);
  for (let node = 0; node < 8; node += 1) {
    plant.run({ ...rigid, gpusPerNode: 5 });
  }
  plant.pass(15);
  return plant;
}

test.each([
  // 32.2 kW are drawn, and with what may be drawn on GPUs that nobody has it is 41.8 kW: with eight more it would be 41.3 kW.
  [1, 0],
  // 24.6 kW, and 34.2 kW.
  [0.5, 8],
])(
  "who joins others on nodes that count their peaks adds nothing to bounds, and starts only where all that counts fits: at %d of their curves",
  (share, running) => {
    const plant = partlyBusy(share);
    plant.target(40_000);
    plant.pass(10);
    const younger = Array.from({ length: 8 }, () => plant.run({ ...rigid, gpusPerNode: 3 }));
    plant.pass(20);
    expect(younger.filter((job) => plant.isRunning(job))).toHaveLength(running);
    expect([plant.loweredCount, plant.minutesOver()]).toEqual([0, 0]);
  },
);

test("who is promised a start beside others there starts when it is due", () => {
  const plant = new NoisyHub(0.9, undefined, peakText);
  for (let node = 0; node < 6; node += 1) {
    plant.run({ nodeCount: 1 });
  }
  plant.run({ ...rigid, gpusPerNode: 4 });
  const part = { ...rigid, gpusPerNode: 5 };
  const first = plant.run({ ...part, walltime: milliseconds(40 * minuteMs) });
  plant.run({ ...rigid, gpusPerNode: 3 });
  plant.pass(15);
  const next = plant.run(part);
  // 37.5 kW are drawn, and 39.1 kW with what may be drawn on GPUs that nobody has.
  plant.target(38_500);
  plant.pass(10);
  plant.finish(first);
  plant.pass(1);
  expect(plant.isRunning(next)).toBe(false);
  plant.pass(20);
  expect(plant.isRunning(next)).toBe(true);
  expect(plant.minutesOver()).toBe(0);
});

test("whatever the noise, starts push no minute over the target, and lower nobody", () => {
  let startedCount = 0;
  let loweredCount = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const noise = normals(seed);
    const plant = new NoisyHub(0.92 + 0.014 * noise(), noise);
    plant.startUpMs = 20_000;
    for (let gang = 0; gang < 2; gang += 1) {
      plant.run({ nodeCount: 2 });
    }
    plant.pass(15);
    plant.target(37_000 + 250 * seed);
    plant.pass(2);
    let step = 0;
    plant.pass(55, () => {
      step += 1;
      if (step % 11 === 0) {
        plant.run(rigid);
      }
      const started = [...plant.state.jobs.after(2)].find((job) =>
        [...activeAttempts(job)].some((one) => plant.nowMs - one.startedAtMs > 5 * minuteMs),
      );
      if (started !== undefined) {
        startedCount += 1;
        plant.finish(started.number);
      }
    });
    expect(plant.minutesOver()).toBe(0);
    loweredCount += plant.loweredCount;
  }
  expect(loweredCount).toBe(0);
  // By bounds alone it would be 252.
  expect(startedCount).toBeGreaterThan(300);
});
