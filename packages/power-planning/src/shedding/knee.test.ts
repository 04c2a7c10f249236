import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { CapCurve } from "../curves/curve.ts";
import { kneeCap } from "../curves/test-knee.ts";
import { drawAt } from "../curves/read-curve.ts";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

const jobCount = 24;
const minuteMs = 60_000;

/** Speeds at caps from 200 to 400 W; the steps up are worth less and less. */
const curves: fc.Arbitrary<CapCurve> = fc
  .tuple(
    fc.double({ min: 0.05, max: 0.5, noNaN: true }),
    fc.array(fc.double({ min: 0.01, max: 0.3, noNaN: true }), { minLength: 4, maxLength: 4 }),
  )
  .map(([first, gains]) => {
    const falling = gains.toSorted((a, b) => b - a);
    const speeds = [0, 1, 2, 3, 4].map((count) =>
      falling.slice(0, count).reduce((sum, gain) => sum + gain, first),
    );
    const points = speeds.map((speed, at) => {
      const capWatts = 200 + 50 * at;
      return { capWatts, speed: speed / (speeds[4] ?? 1), drawWatts: capWatts };
    });
    return { points };
  });

/** The first room, in watts a GPU, for which somebody pauses. */
function firstPausedWatts(problemOf: (wattsOfGpu: number) => ShedProblem): number {
  for (let watts = 400; watts > 0; watts -= 1) {
    const result = planShed(problemOf(watts));
    if (result.kind === "refused") {
      return 0;
    }
    if (result.plan.pauses.length > 0) {
      return watts;
    }
  }
  return 0;
}

test("equal jobs are capped down to the knee before the first of them pauses, and no further", () => {
  const knees = new Set<number>();
  fc.assert(
    fc.property(
      curves,
      fc.constantFrom(0, 30, 60),
      fc.constantFrom(0, 3, 10),
      (curve, idleWatts, minutes) => {
        const overheadMs = minutes * minuteMs;
        const pause = { idleWatts, saveMs: overheadMs, restoreMs: overheadMs };
        const jobs: readonly ShedJob[] = Array.from({ length: jobCount }, (_, id) =>
          shedJob(id, { curve, ...pause, tierLossMax: 1, floorCapWatts: 200 }),
        );
        const first = firstPausedWatts((watts) => shedProblem(jobs, jobCount * 8 * watts));
        // Whoever may lose everything pauses for the whole event.
        const knee = kneeCap(curve, 400, { ...pause, pauseMs: 180 * minuteMs });
        knees.add(knee);
        const kneeWatts = drawAt(curve, knee);
        // No pause while all fit at the knee; and one pause more than makes up for what is missing then.
        expect(first, `knee ${knee}`).toBeLessThan(kneeWatts);
        expect(first, `knee ${knee}`).toBeGreaterThan(
          kneeWatts - (kneeWatts - idleWatts) / jobCount - 2,
        );
      },
    ),
    { seed: 3, numRuns: 60 },
  );
  expect(knees.size).toBeGreaterThan(2);
});
