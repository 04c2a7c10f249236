import { expect, test } from "vitest";
import { lowestCapFor } from "../curves/read-curve.ts";
import { keptPlan, planShed } from "./plan-shed.ts";
import type { ShedPlan, ShedProblem } from "./shed-problem.ts";
import { a100, shedJob, shedProblem } from "./test-shed.ts";

const minuteMs = 60_000;
/** Of four equal jobs three at full power fit. */
const roomWatts = 8 * (3 * 380 + 55);

function planned(problem: ShedProblem): ShedPlan {
  const result = planShed(problem);
  if (result.kind === "refused") {
    throw new Error("refused");
  }
  return result.plan;
}

/** The same so much later, with the pauses of a plan as they stand then. */
function laterBy(problem: ShedProblem, plan: ShedPlan, ms: number): ShedProblem {
  const jobs = problem.jobs.map((job) => {
    const pause = plan.pauses.find(({ id }) => id === job.id);
    if (pause === undefined || pause.untilMs - job.restoreMs <= ms) {
      return job;
    }
    const pausePlanned = { fromMs: pause.fromMs - ms, untilMs: pause.untilMs - ms };
    const isPausedNow = pausePlanned.fromMs <= 0;
    const lossMsSoFar = isPausedNow ? -pausePlanned.fromMs : 0;
    return { ...job, pausePlanned, isPausedNow, lossMsSoFar };
  });
  return { ...problem, jobs, elapsedMs: ms, noticeMs: 0 };
}

function emergency(tierLossMax = 0.5): ShedProblem {
  const jobs = [1, 2, 3, 4].map((id) => shedJob(id, { floorCapWatts: 380, tierLossMax }));
  return shedProblem(jobs, roomWatts, { noticeMs: 0, counts: "cap" });
}

test("a plan that still fits stays as it is, in slots that are not equal any more", () => {
  const problem = emergency();
  const first = planned(problem);
  expect(first.pauses.length).toBeGreaterThan(1);
  const ms = 7 * minuteMs;
  const kept = keptPlan(laterBy(problem, first, ms), minuteMs);
  expect(kept?.isSame).toBe(true);
  expect(kept?.plan.pauses.map(({ id, untilMs }) => [id, untilMs + ms])).toEqual(
    first.pauses.map(({ id, untilMs }) => [id, untilMs]),
  );
});

test.each([0, 1, 7, 12_345])(
  "pauses meet where slots are no whole milliseconds, and the plan is kept (%d ms longer)",
  (ms) => {
    const problem = { ...emergency(), eventMs: 180 * minuteMs + ms };
    const first = planned(problem);
    const { saveMs, restoreMs } = shedJob(1);
    const returns = first.pauses.map(({ untilMs }) => untilMs - restoreMs);
    const idleFrom = first.pauses.map(({ fromMs }) => Math.max(0, fromMs + saveMs));
    const inTurn = idleFrom.filter((atMs) => atMs > saveMs);
    expect(inTurn.length).toBeGreaterThan(0);
    expect(returns).toEqual(expect.arrayContaining(inTurn));
    expect(keptPlan(laterBy(problem, first, 7 * minuteMs), minuteMs)?.isSame).toBe(true);
  },
);

test("floors that would be broken by more than the slack are a reason to plan anew", () => {
  const problem = emergency();
  const first = planned(problem);
  const later = laterBy(problem, first, 7 * minuteMs);
  const jobs = later.jobs.map((job) => ({ ...job, lossMsSoFar: job.lossMsSoFar + 80 * minuteMs }));
  expect(keptPlan({ ...later, jobs }, minuteMs)).toBeUndefined();
});

test("a pause that takes more than its tier bears is told, and is no plan to keep", () => {
  const curve = a100("ft_llama_8b_p3", 380);
  const problem = { ...emergency(), jobs: emergency(0.1).jobs.map((job) => ({ ...job, curve })) };
  const givenUp = planned({ ...problem, floors: "given-up" });
  expect(givenUp.pauses).not.toEqual([]);
  const later = laterBy(problem, givenUp, 7 * minuteMs);
  expect(keptPlan(later, minuteMs)).toMatchObject({ isTooLong: true });
  const borne = emergency();
  expect(keptPlan(laterBy(borne, planned(borne), 7 * minuteMs), minuteMs)).toMatchObject({
    isTooLong: false,
  });
});

test("what orders may be late by is no room for lower caps", () => {
  const curve = a100("ft_llama_8b_p3", 330);
  // Three take turns as long and as slow as they may; the fourth is worth more.
  const jobs = [1, 2, 3, 4].map((id) =>
    id === 4
      ? shedJob(id, { weight: 80, canPause: false })
      : shedJob(id, { curve, floorCapWatts: 330, tierLossMax: 0.37 }),
  );
  const problem = shedProblem(jobs, 8 * (3 * 345 + 55), { noticeMs: 0, counts: "cap" });
  const first = planned(problem);
  expect(first.pauses.length).toBe(3);
  const kept = keptPlan(laterBy(problem, first, 0), 9 * minuteMs);
  expect(kept?.isSame).toBe(true);
  const most = Math.max(...(kept?.plan.losses ?? []).map(({ lossAverage }) => lossAverage));
  expect(most).toBeLessThanOrEqual(0.37 + 1e-9);
});

test("with more room whoever need not pause goes on", () => {
  const problem = emergency();
  const first = planned(problem);
  const later = laterBy(problem, first, 7 * minuteMs);
  const kept = keptPlan({ ...later, roomScaled: Float64Array.of(8 * 4 * 400) }, minuteMs);
  expect(kept).toMatchObject({ isSame: false, plan: { pauses: [] } });
});

test("where more is missing, somebody else pauses beside those that are paused, not in their place", () => {
  const problem = emergency(0.75);
  const first = planned(problem);
  const later = laterBy(problem, first, 7 * minuteMs);
  const paused = later.jobs.filter((job) => job.isPausedNow).map(({ id }) => id);
  const less = planned({ ...later, roomScaled: Float64Array.of(8 * (2 * 400 + 2 * 55)) });
  const now = less.pauses.filter(({ fromMs }) => fromMs <= 0).map(({ id }) => id);
  expect(paused.length).toBeGreaterThan(0);
  expect(now).toEqual(expect.arrayContaining(paused));
  expect(now.length).toBeGreaterThan(paused.length);
});

test("until who leaves is gone, nobody is lowered for those that are paused", () => {
  const problem = emergency();
  const first = planned(problem);
  const later = laterBy(problem, first, 7 * minuteMs);
  // What it draws comes back when it is gone; what others have fits beside it.
  const leavingScaled = Float64Array.of(1);
  const kept = keptPlan({ ...later, leavingScaled }, minuteMs);
  const capsWatts = kept?.plan.capsUntilSettled.map(({ capWatts }) => capWatts) ?? [];
  expect(capsWatts).toHaveLength(3);
  expect(capsWatts.reduce((sum, watts) => sum + watts, 0)).toBeGreaterThan(3 * 370);
});

test("who comes back waits for who leaves, before others lose more than their tiers bear", () => {
  const tier = { tierLossMax: 0.1, floorCapWatts: 0, canPause: false };
  const all = [1, 2, 3].map((id) => {
    const job = shedJob(id, { ...tier, isPausedNow: id === 1, restoreMs: 0 });
    return { ...job, floorCapWatts: lowestCapFor(job.curve, 0.9) };
  });
  const floorWatts = all[0]?.floorCapWatts ?? 0;
  const leavingScaled = Float64Array.of(8 * floorWatts);
  // Beside who leaves three fit at their lowest caps, or two at their floors.
  const problem = shedProblem(all, 8 * (3 * floorWatts + 150), {
    noticeMs: 0,
    counts: "cap",
    capStepWatts: 1,
    switchOffMs: 180 * minuteMs,
    leavingScaled,
  });
  const caps = planned(problem).capsUntilSettled;
  expect(caps.map(({ id }) => id)).toEqual([2, 3]);
  expect(Math.min(...caps.map(({ capWatts }) => capWatts))).toBeGreaterThan(floorWatts - 2);
});

/** Four nodes at full power beside another job; two of them it is to give back, and writes its checkpoint for that. */
function shrinkingIn(roomGpuWatts: number): ShedProblem {
  const gang = shedJob(1, {
    gpuCount: 32,
    floorCapWatts: 400,
    curve: a100("ft_llama_8b_p3", 400),
    isPausedNow: true,
    tierLossMax: 0.75,
    nodeCount: 4,
    nodeCountMin: 2,
    nodeCountPlanned: 2,
  });
  const other = shedJob(2, { curve: a100("ft_llama_8b_p3", 400), floorCapWatts: 400 });
  const changes = { noticeMs: 0, counts: "cap", capStepWatts: 1 } as const;
  return shedProblem([gang, other], 8 * roomGpuWatts, changes);
}

test.each([
  ["all of them fit", 5 * 400, []],
  ["all but one fit", 4 * 400 + 55, [{ id: 1, nodeCount: 3 }]],
  ["no more fit", 3 * 400 + 2 * 55, [{ id: 1, nodeCount: 2 }]],
])(
  "a gang keeps the nodes that a plan has left it where %s, and nobody pauses for it",
  (_, roomGpuWatts, shrinks) => {
    const kept = keptPlan(shrinkingIn(roomGpuWatts), minuteMs);
    expect(kept).toMatchObject({ isSame: true, plan: { shrinks, pauses: [] } });
  },
);

test("where not even those fit it is planned anew", () => {
  expect(keptPlan(shrinkingIn(2 * 400 + 3 * 55), minuteMs)).toBeUndefined();
});
