import * as fc from "fast-check";
import { expect, test } from "vitest";
import { builtInCurves } from "../curves/built-in/index.ts";
import type { CapCurve } from "../curves/curve.ts";
import { curveFor } from "../curves/model-curve.ts";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedPlan, ShedProblem } from "./shed-problem.ts";
import { lostBeyondOptimum } from "./test-exact.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

const topWatts = 700;
const classes = ["pre-train", "fine-tune", "inference"];

function h100(workload: string): CapCurve {
  const found = curveFor(builtInCurves, "H100-SXM", workload);
  return { points: (found?.points ?? []).filter(({ capWatts }) => capWatts >= 350) };
}

/** Its nodes free more when they are given back than by any cap: their other parts idle, too. */
function gang(id: number, gpuCount: number, changes: Partial<ShedJob> = {}): ShedJob {
  return shedJob(id, {
    gpuCount,
    curve: h100("fine-tune"),
    scaledPerGpuWatt: Float64Array.of(gpuCount),
    idleWatts: -312,
    saveMs: 10_000,
    restoreMs: 30_000,
    canPause: false,
    ...changes,
  });
}

/** Half an hour, announced ten minutes ahead. */
function problemOf(jobs: readonly ShedJob[], shedWatts: number, capStepWatts = 1): ShedProblem {
  const full = jobs.reduce((sum, { gpuCount }) => sum + gpuCount * topWatts, 0);
  const changes = { eventMs: 1_800_000, noticeMs: 600_000, counts: "cap", capStepWatts } as const;
  return shedProblem(jobs, full - shedWatts, changes);
}

function planOf(problem: ShedProblem): ShedPlan | undefined {
  const result = planShed(problem);
  return result.kind === "plan" ? result.plan : undefined;
}

/** One gang of 30 nodes that may shrink to 10, and as many others as said that may only be capped. */
function oneMalleable(otherCount: number): readonly ShedJob[] {
  const protectedFirst = gang(0, 200, { isProtected: true, tierLossMax: 0, floorCapWatts: 700 });
  const malleable = gang(1, 240, { curve: h100("inference"), nodeCountMin: 10 });
  const others = Array.from({ length: otherCount }, (_, at) =>
    gang(at + 2, 240, { tierLossMax: [0.1, 0.25, 0.5][at % 3] ?? 0.5 }),
  );
  return [protectedFirst, malleable, ...others];
}

// Of few jobs other plans are tried as well; of many the choice by price stands alone.
test.each([3, 69])(
  "where all nodes that a gang may give are not quite enough it still gives them: beside %i others",
  (otherCount) => {
    const jobs = oneMalleable(otherCount);
    const enough = planOf(problemOf(jobs, 113_000));
    expect(enough?.shrinks).toEqual([{ id: 1, nodeCount: 16 }]);
    const more = planOf(problemOf(jobs, 115_000));
    expect(more?.shrinks).not.toEqual([]);
    // Two kilowatts: the work of two or three GPUs, as a cap sheds them.
    const lost = (enough?.weightedSpeed ?? 0) - (more?.weightedSpeed ?? 0);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(4);
  },
);

const someGang = fc.record({
  workload: fc.constantFrom(...classes),
  gpuCount: fc.constantFrom(16, 32, 48, 64),
  tierLossMax: fc.constantFrom(0.1, 0.25, 0.5),
  nodePartMin: fc.constantFrom(0.01, 0.5, 1),
  worth: fc.constantFrom(1, 1, 2),
});

test("the weighted loss is within 1 % of the exact optimum where gangs may give nodes back", () => {
  fc.assert(
    fc.property(
      fc.array(someGang, { minLength: 2, maxLength: 3 }),
      fc.integer({ min: 2, max: 50 }),
      (some, percent) => {
        const jobs = some.map(({ workload, worth, nodePartMin, ...one }, id) =>
          gang(id, one.gpuCount, {
            ...one,
            curve: h100(workload),
            weight: one.gpuCount * worth,
            nodeCountMin: Math.ceil((one.gpuCount / 8) * nodePartMin),
          }),
        );
        const full = jobs.reduce((sum, { gpuCount }) => sum + gpuCount * topWatts, 0);
        expect(
          lostBeyondOptimum(problemOf(jobs, (full * percent) / 100, 5), 1),
        ).toBeLessThanOrEqual(0);
      },
    ),
    { seed: 8, numRuns: 25 },
  );
});
