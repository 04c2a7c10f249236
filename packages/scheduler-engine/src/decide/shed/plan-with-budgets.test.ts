import {
  type SettledPlan,
  type ShedJob,
  type ShedProblem,
  withoutFloor,
} from "@ertis/power-planning";
import { expect, test } from "vitest";
import { planWithBudgets } from "./plan-with-budgets.ts";

const minuteMs = 60_000;
const rule = {
  isForced: false,
  isMissing: false,
  areTiersGivenUp: false,
  areBudgets: new Uint8Array(1),
};

/** Numerical Recipes' linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A node of eight GPUs at a straight curve, half of whose draw is left at the lowest cap. */
function job(id: number, changes: Partial<ShedJob>): ShedJob {
  const points = [
    { capWatts: 200, speed: 0.5, drawWatts: 200 },
    { capWatts: 400, speed: 1, drawWatts: 400 },
  ];
  const tierLossMax = changes.tierLossMax ?? 0.25;
  return {
    id,
    gpuCount: 8,
    weight: 8,
    curve: { points },
    floorCapWatts: 400 * (1 - tierLossMax),
    domains: Int32Array.of(0),
    scaledPerGpuWatt: Float64Array.of(8),
    capNowWatts: 400,
    tierLossMax,
    isProtected: false,
    canPause: true,
    isPausedNow: false,
    saveMs: minuteMs,
    restoreMs: minuteMs,
    idleWatts: 50,
    nodeCount: 1,
    nodeCountMin: 1,
    lossMsSoFar: 0,
    ...changes,
  };
}

/** Some minutes into an event: some are out, whose pauses are planned or were, and floors do not fit. */
function tightProblem(random: () => number): ShedProblem {
  const elapsedMs = Math.floor(random() * 20) * minuteMs;
  const jobs = Array.from({ length: 8 }, (_, id) => {
    const isPausedNow = random() < 0.4;
    const fromMs = isPausedNow ? -minuteMs : Math.floor(random() * 20) * minuteMs;
    const untilMs = Math.max(0, fromMs) + Math.floor(1 + random() * 20) * minuteMs;
    return job(id, {
      tierLossMax: random() < 0.5 ? 0.25 : 0.5,
      isPausedNow,
      lossMsSoFar: isPausedNow ? Math.floor(random() * elapsedMs) : 0,
      ...(random() < 0.5 ? { pausePlanned: { fromMs, untilMs } } : {}),
    });
  });
  return {
    jobs,
    idleNodes: [],
    roomScaled: Float64Array.of(10_000 + random() * 9_000),
    leavingScaled: new Float64Array(1),
    areNodesShed: new Uint8Array(1),
    eventMs: 60 * minuteMs,
    elapsedMs,
    noticeMs: 0,
    sleepMsMin: 5 * minuteMs,
    switchOffMs: 2 * minuteMs,
    counts: "cap",
    capStepWatts: 1,
    floors: "kept",
  };
}

/** The same, with these pauses planned. */
function withPlanned(problem: ShedProblem, pauses: SettledPlan["pauses"]): ShedProblem {
  const planned = new Map(pauses.map(({ id, fromMs, untilMs }) => [id, { fromMs, untilMs }]));
  const jobs = problem.jobs.map((one) => ({ ...one, pausePlanned: planned.get(one.id) }));
  return { ...problem, jobs };
}

test("plans of one moment come to rest: none leads to another that leads back to it", () => {
  let anewCount = 0;
  for (let seed = 501; seed <= 620; seed += 1) {
    let problem = tightProblem(seeded(seed));
    let plan = planWithBudgets(problem, rule);
    for (let round = 0; plan?.isSame === false && round < 10; round += 1) {
      anewCount += 1;
      const before = plan.plan.pauses;
      problem = withPlanned(problem, before);
      plan = planWithBudgets(problem, rule);
      if (JSON.stringify(plan?.plan.pauses) === JSON.stringify(before)) {
        break;
      }
      expect(round, `seed ${seed}`).toBeLessThan(8);
    }
  }
  expect(anewCount).toBeGreaterThan(20);
});

test("who lost more to a pause than his tier bears comes back before those whose floors are given up", () => {
  const pausePlanned = { fromMs: -10 * minuteMs, untilMs: 51 * minuteMs };
  const out = { isPausedNow: true, pausePlanned, lossMsSoFar: 9 * minuteMs };
  const kept = job(0, { ...out, tierLossMax: 0.1 });
  const givenUp = withoutFloor(job(1, out));
  const floorWatts = 8 * kept.floorCapWatts + 8 * givenUp.idleWatts;
  const problem: ShedProblem = {
    ...tightProblem(seeded(1)),
    jobs: [kept, givenUp],
    // For the lowest cap of either, and not for both.
    roomScaled: Float64Array.of(floorWatts + 100),
    elapsedMs: 10 * minuteMs,
  };
  const found = planWithBudgets(problem, rule);
  expect(found?.plan.pauses.map(({ id }) => id)).toEqual([givenUp.id]);
});
