import {
  builtInCurves,
  countedWatts,
  type Filled,
  type FilledCaps,
  fillCaps,
  type FillJob,
  type FillProblem,
  lowerCaps,
  pointAt,
  raiseCaps,
  speedAt,
} from "@ertis/power-planning";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bestCombination } from "./all-combinations.ts";
import { bestChoices } from "./knapsack.ts";
import { priceBound } from "./price-bound.ts";
import { jobSeed, jobUnder, lastCap, treeProblem, type TreeProblem } from "./random-problems.ts";
import { treeOptimum } from "./tree-optimum.ts";

function filled(answer: Filled): FilledCaps {
  if (answer.kind !== "filled") {
    throw new Error(`floors were said not to fit: ${JSON.stringify(answer)}`);
  }
  return answer;
}

function worthOf(jobs: readonly FillJob[], { capWatts }: FilledCaps): number {
  return jobs.reduce((sum, job, at) => sum + job.weight * speedAt(job.curve, capWatts[at] ?? 0), 0);
}

/** Loads added up here, not taken from the answer. */
function expectWithinRooms(problem: FillProblem, { capWatts, usedScaled }: FilledCaps): void {
  const loads = new Float64Array(problem.roomScaled.length);
  for (const [at, job] of problem.jobs.entries()) {
    const cap = capWatts[at] ?? 0;
    expect(cap).toBeGreaterThanOrEqual(job.floorCapWatts);
    expect(cap).toBeLessThanOrEqual(lastCap(job));
    const watts = countedWatts(pointAt(job.curve, cap), problem.counts);
    for (const [slot, domain] of job.domains.entries()) {
      loads[domain] = (loads[domain] ?? 0) + watts * (job.scaledPerGpuWatt[slot] ?? 0);
    }
  }
  for (const [domain, load] of loads.entries()) {
    expect(load).toBeCloseTo(usedScaled[domain] ?? 0, 6);
    expect(load).toBeLessThanOrEqual((problem.roomScaled[domain] ?? 0) + 1e-6);
  }
}

// Every GPU count divides 4, so the best caps, whole watts of load, lie on this grid.
const capStepWatts = 0.25;

describe("concave curves in a tree of domains", () => {
  test("are filled as well as is possible at all", () => {
    fc.assert(
      fc.property(treeProblem, ({ root, jobs, roomScaled }) => {
        const problem: FillProblem = { jobs, roomScaled, counts: "cap", capStepWatts };
        const answer = filled(fillCaps(problem));
        expectWithinRooms(problem, answer);
        expect(worthOf(jobs, answer)).toBeCloseTo(treeOptimum(root, "cap"), 6);
      }),
      { numRuns: 300 },
    );
  });

  test("are as good after lowering from a fuller state as when filled anew", () => {
    fc.assert(
      fc.property(treeProblem, ({ root, jobs, roomScaled }) => {
        const tops = Float64Array.from(jobs, lastCap);
        const freeScaled = roomScaled.slice();
        addLoads(freeScaled, jobs, tops, -1);
        const change = {
          jobs,
          capNowWatts: tops,
          freeScaled,
          counts: "cap",
          capStepWatts,
        } as const;
        const answer = filled(lowerCaps(change));
        expectWithinRooms({ jobs, roomScaled, counts: "cap", capStepWatts }, answer);
        expect(worthOf(jobs, answer)).toBeCloseTo(treeOptimum(root, "cap"), 6);
      }),
      { numRuns: 200 },
    );
  });

  test("are as good when raised from their floors", () => {
    fc.assert(
      fc.property(treeProblem, ({ root, jobs, roomScaled }: TreeProblem) => {
        const floors = Float64Array.from(jobs, ({ floorCapWatts }) => floorCapWatts);
        const freeScaled = roomScaled.slice();
        addLoads(freeScaled, jobs, floors, -1);
        const change = {
          jobs,
          capNowWatts: floors,
          freeScaled,
          counts: "cap",
          capStepWatts,
        } as const;
        const answer = raiseCaps(change);
        expectWithinRooms({ jobs, roomScaled, counts: "cap", capStepWatts }, answer);
        expect(worthOf(jobs, answer)).toBeCloseTo(treeOptimum(root, "cap"), 6);
      }),
      { numRuns: 200 },
    );
  });
});

function addLoads(
  loads: Float64Array,
  jobs: readonly FillJob[],
  caps: Float64Array,
  sign: number,
): void {
  for (const [at, job] of jobs.entries()) {
    for (const [slot, domain] of job.domains.entries()) {
      const load = (caps[at] ?? 0) * (job.scaledPerGpuWatt[slot] ?? 0);
      loads[domain] = (loads[domain] ?? 0) + sign * load;
    }
  }
}

/** Gangs, half of which lie in two of three racks under one feed. */
const spanning = (minLength: number, maxLength: number): fc.Arbitrary<FillProblem> =>
  fc
    .record({
      jobs: fc.array(fc.tuple(jobSeed, fc.integer({ min: 0, max: 2 }), fc.boolean()), {
        minLength,
        maxLength,
      }),
      tenths: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 10 }))),
    })
    .map(({ jobs: seeds, tenths }): FillProblem => {
      const jobs = seeds.map(([seed, rack, isWide]) =>
        jobUnder(
          seed,
          isWide
            ? [
                [0, seed.gpuCount * 2],
                [1 + rack, seed.gpuCount],
                [1 + ((rack + 1) % 3), seed.gpuCount],
              ]
            : [
                [0, seed.gpuCount],
                [1 + rack, seed.gpuCount],
              ],
        ),
      );
      const low = new Float64Array(4);
      const high = new Float64Array(4);
      addLoads(
        low,
        jobs,
        Float64Array.from(jobs, ({ floorCapWatts }) => floorCapWatts),
        1,
      );
      addLoads(high, jobs, Float64Array.from(jobs, lastCap), 1);
      const roomScaled = low.map(
        (load, at) => load + ((high[at] ?? 0) - load) * ((tenths[at] ?? 0) / 10),
      );
      return { jobs, roomScaled, counts: "cap", capStepWatts };
    });

describe("gangs across domains", () => {
  test("stay within every room and within 3 % of the best of all combinations when they are few", () => {
    fc.assert(
      fc.property(spanning(2, 3), (problem) => {
        const answer = filled(fillCaps(problem));
        expectWithinRooms(problem, answer);
        const best = bestCombination(problem);
        expect(worthOf(problem.jobs, answer)).toBeGreaterThanOrEqual(0.97 * best);
      }),
      { numRuns: 400 },
    );
  });

  test("are within 15 % of a bound on what is possible when they are many", () => {
    fc.assert(
      fc.property(spanning(24, 60), (problem) => {
        const answer = filled(fillCaps(problem));
        expectWithinRooms(problem, answer);
        const worth = worthOf(problem.jobs, answer);
        const bound = priceBound(problem, worth);
        expect(worth).toBeGreaterThanOrEqual(0.85 * bound);
      }),
      { numRuns: 100 },
    );
  });

  test("get the same answer whenever they are asked", () => {
    fc.assert(
      fc.property(spanning(2, 40), (problem) => {
        expect(fillCaps(problem)).toEqual(fillCaps(structuredClone(problem)));
      }),
      { numRuns: 50 },
    );
  });
});

/** Mixes of measured curves, which are not concave, under one limit on mean draw. */
const measuredMix = fc.record({
  jobs: fc.array(
    fc.record({
      curve: fc.constantFrom(...builtInCurves.filter(({ gpuModel }) => gpuModel === "A100-SXM")),
      gpuCount: fc.constantFrom(8, 16, 32, 48),
      weight: fc.integer({ min: 1, max: 8 }),
      floorCapWatts: fc.constantFrom(200, 250, 300),
    }),
    { minLength: 2, maxLength: 7 },
  ),
  percent: fc.integer({ min: 1, max: 99 }),
});

/** The exact one rounds the watts of a job up to it. */
const unitWatts = 2;

describe("measured curves", () => {
  test("are within 1 % of the exact optimum", () => {
    fc.assert(
      fc.property(measuredMix, ({ jobs: seeds, percent }) => {
        const jobs = seeds.map((seed): FillJob => ({
          ...seed,
          domains: Int32Array.of(0),
          scaledPerGpuWatt: Float64Array.of(seed.gpuCount),
        }));
        const loadAt = (job: FillJob, cap: number): number =>
          job.gpuCount * pointAt(job.curve, cap).drawWatts;
        const low = jobs.reduce((sum, job) => sum + loadAt(job, job.floorCapWatts), 0);
        const high = jobs.reduce((sum, job) => sum + loadAt(job, 400), 0);
        const roomWatts = Math.ceil(low + ((high - low) * percent) / 100);
        const problem: FillProblem = {
          jobs,
          roomScaled: Float64Array.of(roomWatts),
          counts: "draw",
          capStepWatts: 5,
        };
        const answer = filled(fillCaps(problem));
        expectWithinRooms(problem, answer);
        const choices = jobs.map((job) =>
          capsFrom(job.floorCapWatts).map((cap) => ({
            watts: loadAt(job, cap),
            worth: job.weight * speedAt(job.curve, cap),
          })),
        );
        const best = bestChoices(choices, roomWatts, unitWatts)?.worth ?? 0;
        expect(worthOf(jobs, answer)).toBeGreaterThanOrEqual(0.99 * best);
      }),
      { numRuns: 100 },
    );
  });
});

function capsFrom(floorCapWatts: number): readonly number[] {
  return Array.from({ length: (400 - floorCapWatts) / 5 + 1 }, (_, at) => floorCapWatts + 5 * at);
}
