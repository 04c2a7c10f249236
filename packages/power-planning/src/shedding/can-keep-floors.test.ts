import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import { possibilityOf } from "./can-keep-floors.ts";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";
import { a100, shedJob, shedProblem } from "./test-shed.ts";
import { withoutFloor } from "./without-floor.ts";

const minuteMs = 60_000;
const workloads = ["ft_llama_8b_p3", "infer_llama_8b", "pt_mpt_13b_sm", "pt_mpt_7b_fast"];

const someJob: fc.Arbitrary<Partial<ShedJob>> = fc.record({
  curve: fc.constantFrom(...workloads).map((workload) => a100(workload)),
  tierLossMax: fc.constantFrom(0.1, 0.25, 0.5),
  canPause: fc.boolean(),
  nodeCount: fc.constantFrom(1, 2, 4),
  nodeCountMin: fc.constant(1),
  gpuCount: fc.constantFrom(8, 32),
});

/** Between what nobody can keep and what every job keeps at its floor. */
function problems(jobCount: number): fc.Arbitrary<ShedProblem> {
  return fc
    .tuple(
      fc.array(someJob, { minLength: jobCount, maxLength: jobCount }),
      fc.double({ min: 0.5, max: 1.02, noNaN: true }),
    )
    .map(([changes, part]) => {
      const jobs = changes.map((one, at) => shedJob(at, one));
      const floors = jobs.reduce(
        (sum, { curve, floorCapWatts, gpuCount }) => sum + gpuCount * drawAt(curve, floorCapWatts),
        0,
      );
      return shedProblem(jobs, part * floors);
    });
}

test.each([3, 30, 100])("with %i jobs a plan is possible where one is made", (jobCount) => {
  const found = new Set<boolean>();
  fc.assert(
    fc.property(problems(jobCount), (problem) => {
      const isPossible = possibilityOf(problem)(() => false);
      found.add(isPossible);
      expect(isPossible).toBe(planShed(problem).kind === "plan");
    }),
    { numRuns: 60 },
  );
  expect(found.size).toBe(2);
});

test("and where floors are given up, as if the jobs had none", () => {
  const found = new Set<boolean>();
  fc.assert(
    fc.property(problems(80), fc.constantFrom(2, 3, 5), (problem, every) => {
      const isGivenUp = (at: number): boolean => at % every === 0;
      const jobs = problem.jobs.map((job, at) => (isGivenUp(at) ? withoutFloor(job) : job));
      const isPossible = possibilityOf(problem)(isGivenUp);
      found.add(isPossible);
      expect(isPossible).toBe(planShed({ ...problem, jobs }).kind === "plan");
    }),
    { numRuns: 60 },
  );
  expect(found.size).toBe(2);
});

test("of many jobs a refusal names a room that is enough", () => {
  fc.assert(
    fc.property(problems(100), (problem) => {
      const result = planShed(problem);
      fc.pre(result.kind === "refused");
      const roomScaled = Float64Array.of(result.kind === "refused" ? result.smallestScaled : 0);
      expect(planShed({ ...problem, roomScaled }).kind).toBe("plan");
    }),
    { numRuns: 20 },
  );
});

/** One that is paused when the plan is made, whose checkpoint takes a while to read. */
const someReturning: fc.Arbitrary<ShedJob> = fc
  .tuple(someJob, fc.boolean(), fc.constantFrom(1, 3, 10), fc.boolean())
  .map(([one, isPausedNow, restoreMinutes, isGivenUp]) => {
    const changes = {
      ...one,
      isPausedNow,
      canPause: one.canPause === true || isPausedNow,
      restoreMs: restoreMinutes * minuteMs,
      returnsLateMs: minuteMs / 2,
      ...(isPausedNow ? { nodeCountMin: one.nodeCount ?? 1 } : {}),
    };
    const job = shedJob(0, changes);
    return isGivenUp ? withoutFloor(job) : job;
  });

test("a refusal names a room that is enough, also for those that are paused and come back", () => {
  const idleNode = { id: 1, domains: Int32Array.of(0), wattsScaled: Float64Array.of(1_500) };
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(someReturning, { minLength: 2, maxLength: 5 }),
      fc.double({ min: 0.2, max: 0.7, noNaN: true }),
      fc.constantFrom(5, 60, 240),
      (all, part, minutes) => {
        const jobs = all.map((one, id) => ({ ...one, id }));
        const full = jobs.reduce((sum, { gpuCount }) => sum + gpuCount * 400, 0);
        const changes = { eventMs: minutes * minuteMs, idleNodes: [idleNode] };
        const result = planShed(shedProblem(jobs, part * full, changes));
        if (result.kind === "refused") {
          refused += 1;
          expect(planShed(shedProblem(jobs, result.smallestScaled, changes)).kind).toBe("plan");
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(refused).toBeGreaterThan(30);
});
