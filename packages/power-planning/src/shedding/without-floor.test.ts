import { expect, test } from "vitest";
import { keptPlan, planShed } from "./plan-shed.ts";
import type { ShedJob, ShedPlan, ShedProblem } from "./shed-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";
import { withoutFloor } from "./without-floor.ts";

const protectedJob = { isProtected: true, tierLossMax: 0, canPause: false, floorCapWatts: 400 };

/** Three of tier 50 and one that was protected: the floors of all four are given up. */
function givenUp(roomPerGpuWatts: number, changes: Partial<ShedJob> = {}): ShedProblem {
  const jobs = [...[1, 2, 3].map((id) => shedJob(id, changes)), shedJob(4, protectedJob)];
  const room = 4 * 8 * roomPerGpuWatts;
  return shedProblem(jobs.map(withoutFloor), room, { counts: "cap" });
}

function lossesOf(problem: ShedProblem): readonly number[] {
  const result = planShed(problem);
  const plan: ShedPlan | undefined = result.kind === "plan" ? result.plan : undefined;
  return plan?.losses.map(({ lossAverage }) => lossAverage) ?? [];
}

test.each([
  ["caps", 350, false],
  ["caps as low as they go", 250, false],
  ["pauses", 180, true],
])("who was protected is left alone where %s of the others are enough", (_, room, canPause) => {
  const losses = lossesOf(givenUp(room, { canPause }));
  expect(Math.max(...losses.slice(0, 3))).toBeGreaterThan(0);
  expect(losses[3]).toBe(0);
});

test("and is asked where they are not", () => {
  expect(lossesOf(givenUp(220, { canPause: false }))[3]).toBeGreaterThan(0);
});

test("a pause that is not needed any more ends, also beside one that was protected", () => {
  const pausePlanned = { fromMs: 0, untilMs: 3 * 60 * 60_000 };
  const kept = keptPlan(givenUp(400, { isPausedNow: true, pausePlanned }), 0);
  expect(kept?.plan.pauses).toEqual([]);
});
