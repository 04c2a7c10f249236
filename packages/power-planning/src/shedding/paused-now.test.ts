import { expect, test } from "vitest";
import { planShed } from "./plan-shed.ts";
import type { ShedPlan, ShedProblem } from "./shed-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

function planned(problem: ShedProblem): ShedPlan {
  const result = planShed(problem);
  if (result.kind === "refused") {
    throw new Error("refused");
  }
  return result.plan;
}

interface Fleet {
  readonly count: number;
  readonly pausedCount: number;
  readonly tierLossMax: number;
  /** So many have to pause at a time. */
  readonly atOnce: number;
}

/** Jobs that no cap saves much of, in an event that is on. */
function turns({ count, pausedCount, tierLossMax, atOnce }: Fleet): ShedProblem {
  const jobs = Array.from({ length: count }, (_, at) =>
    shedJob(at, { floorCapWatts: 380, tierLossMax, isPausedNow: at < pausedCount }),
  );
  return shedProblem(jobs, 8 * ((count - atOnce) * 380 + atOnce * 55), { noticeMs: 0 });
}

test("who is paused now and pauses again later loses both returns and another checkpoint", () => {
  const problem = turns({ count: 4, pausedCount: 4, tierLossMax: 0.3, atOnce: 1 });
  const { pauses, losses } = planned(problem);
  const later = pauses.filter(({ fromMs }) => fromMs > 0);
  expect(later.length).toBeGreaterThan(0);
  for (const { id, fromMs, untilMs } of later) {
    const { restoreMs, tierLossMax } = shedJob(id, problem.jobs[id]);
    const lost = losses.find((one) => one.id === id);
    // From the beginning of its checkpoint until it works again, and its first return.
    expect(lost?.lostMs).toBeGreaterThanOrEqual(untilMs - fromMs + restoreMs - 1);
    expect(lost?.lossAverage).toBeLessThanOrEqual(tierLossMax + 1e-9);
  }
});

test("who comes back now does not pause again in the turns of others, who were not asked yet", () => {
  for (const fleet of [
    { count: 6, pausedCount: 2, tierLossMax: 0.4, atOnce: 1 },
    { count: 8, pausedCount: 4, tierLossMax: 0.3, atOnce: 2 },
  ]) {
    const later = planned(turns(fleet)).pauses.filter(({ fromMs }) => fromMs > 0);
    expect(later.length).toBeGreaterThan(1);
    expect(later.filter(({ id }) => id < fleet.pausedCount)).toEqual([]);
  }
});
