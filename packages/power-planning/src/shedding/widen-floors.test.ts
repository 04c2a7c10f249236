import { expect, test } from "vitest";
import { planShed } from "./plan-shed.ts";
import type { ShedProblem } from "./shed-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";
import { planWidened } from "./widen-floors.ts";

/** Four jobs of a tier that tolerates a quarter, four of one that tolerates a tenth, and one that is protected. */
function problemWith(partOfSmallest: number, canPause = true): ShedProblem {
  const jobs = [0.25, 0.25, 0.25, 0.25, 0.1, 0.1, 0.1, 0.1].map((tierLossMax, id) =>
    shedJob(id, { tierLossMax, canPause }),
  );
  const all = [...jobs, shedJob(8, { tierLossMax: 0, isProtected: true, floorCapWatts: 400 })];
  const refused = planShed(shedProblem(all, 0));
  const smallest = refused.kind === "refused" ? refused.smallestScaled : 0;
  return shedProblem(all, smallest * partOfSmallest);
}

function mostBeyond(problem: ShedProblem): { readonly widened: number; readonly beyond: number } {
  const found = planWidened(problem);
  const beyond = (found?.plan.losses ?? []).map(
    ({ id, lossAverage }) => lossAverage - (problem.jobs[id]?.tierLossMax ?? 0),
  );
  return { widened: (found?.widenedBy ?? 0) / 10_000, beyond: Math.max(...beyond) };
}

test.each([true, false])(
  "all tiers give the same small part, nobody everything (pauses: %s)",
  (canPause) => {
    const problem = problemWith(0.98, canPause);
    expect(planShed(problem).kind).toBe("refused");
    const { widened, beyond } = mostBeyond(problem);
    expect(widened).toBeGreaterThan(0);
    expect(widened).toBeLessThan(0.1);
    expect(beyond).toBeLessThanOrEqual(widened + 1e-9);
    const loss = planWidened(problem)?.plan.losses.find(({ id }) => id === 8);
    expect(loss?.lossAverage).toBeCloseTo(0, 9);
  },
);

test("the part is the smallest: a little less is refused, and a wider target needs less", () => {
  const problem = problemWith(0.95);
  const { widened } = mostBeyond(problem);
  const less = problem.jobs.map((job) => {
    const tierLossMax = job.tierLossMax + widened * 0.9;
    return job.isProtected ? job : shedJob(job.id, { tierLossMax });
  });
  expect(planShed({ ...problem, jobs: less }).kind).toBe("refused");
  expect(mostBeyond(problemWith(0.98)).widened).toBeLessThan(widened);
});

test("where nothing helps there is no plan", () => {
  expect(planWidened(problemWith(0.01))).toBeUndefined();
});
