import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import { possibilityOf } from "./can-keep-floors.ts";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";
import { a100, shedJob, shedProblem } from "./test-shed.ts";
import { withoutFloor } from "./without-floor.ts";

const workloads = ["ft_llama_8b_p3", "infer_llama_8b", "pt_mpt_13b_sm", "pt_mpt_7b_fast"];

const someJob: fc.Arbitrary<Partial<ShedJob>> = fc.record({
  curve: fc.constantFrom(...workloads).map((workload) => a100(workload)),
  tierLossMax: fc.constantFrom(0.1, 0.25, 0.5),
  canPause: fc.boolean(),
  nodeCount: fc.constantFrom(1, 2, 4),
  nodeCountMin: fc.constant(1),
  gpuCount: fc.constantFrom(8, 32),
});

/** Between what nobody can keep and what everybody keeps at his floor. */
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
