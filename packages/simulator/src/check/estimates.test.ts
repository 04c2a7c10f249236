import type { Explanation } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { Estimates } from "./estimates.ts";

const minuteMs = 60_000;

function told(changes: Partial<Explanation>): Explanation {
  return {
    reason: "power-limit",
    state: "queued",
    neededNodeCount: 1,
    gpusPerNode: 8,
    place: undefined,
    ahead: undefined,
    startLowerBoundMs: undefined,
    startUnknown: "",
    aheadInAccount: undefined,
    deadlineMissed: undefined,
    startOptions: [],
    suggestion: undefined,
    pausedUntil: undefined,
    pausedTasks: [],
    smallerNodeCount: undefined,
    mayPreempt: undefined,
    head: undefined,
    paused: undefined,
    ramp: undefined,
    reservedStartMs: undefined,
    likelyStart: undefined,
    movedBy: undefined,
    beginAtMs: undefined,
    waitingFor: [],
    throttle: undefined,
    heldBack: undefined,
    guarantee: undefined,
    message: "",
    ...changes,
  };
}

test("bounds are scored by their sign, for full power and for the cap of the start", () => {
  const reports: string[] = [];
  const estimates = new Estimates(
    () => undefined,
    (_, message) => reports.push(message),
  );
  const options = [0, 300, 200].map((capWatts, at) => ({
    capWatts,
    speedPermille: 1_000,
    startMs: (30 - 10 * at) * minuteMs,
    endsByMs: undefined,
    isEstimate: false,
  }));
  const asked = told({ startLowerBoundMs: 10 * minuteMs, startOptions: options });
  for (const job of [1, 2, 3]) {
    estimates.ask(job, asked);
  }
  estimates.ask(4, told({}));
  estimates.started(1, 0, 50 * minuteMs);
  estimates.started(2, 250, 15 * minuteMs);
  estimates.started(3, 200, 4 * minuteMs);
  estimates.started(4, 0, minuteMs);
  // A second attempt is no second start.
  estimates.started(1, 0, 90 * minuteMs);
  const score = estimates.score();
  expect(score).toMatchObject({
    askedCount: 4,
    boundedCount: 3,
    any: { startedCount: 3, laterSeconds: { median: 300, max: 2_400 }, earlierCount: 1 },
    fullPower: { startedCount: 1, laterSeconds: { max: 1_200 } },
    capped: { startedCount: 2, earlierCount: 1, laterSeconds: { max: 300 } },
    falsePromiseCount: 0,
  });
  expect(score.any.earlierSeconds.max).toBe(360);
  expect(reports).toEqual([]);
});

test("estimates behind promised starts are scored apart from bounds", () => {
  const estimates = new Estimates(
    () => undefined,
    () => undefined,
  );
  const startOptions = [0, 300].map((capWatts, at) => ({
    capWatts,
    speedPermille: 1_000,
    startMs: (30 - 10 * at) * minuteMs,
    endsByMs: undefined,
    isEstimate: true,
  }));
  for (const job of [1, 2]) {
    estimates.ask(job, told({ reason: "behind-others", startOptions }));
  }
  estimates.started(1, 0, 35 * minuteMs);
  estimates.started(2, 300, 15 * minuteMs);
  expect(estimates.score()).toMatchObject({
    boundedCount: 0,
    any: { startedCount: 0 },
    estimated: {
      startedCount: 2,
      laterSeconds: { max: 300 },
      earlierCount: 1,
      earlierSeconds: { max: 300 },
    },
  });
});

test("nor does an estimate that is told beside a bound count as one", () => {
  const estimates = new Estimates(
    () => undefined,
    () => undefined,
  );
  const full = { capWatts: 0, speedPermille: 1_000, endsByMs: undefined, isEstimate: true };
  const startOptions = [{ ...full, startMs: 30 * minuteMs }];
  estimates.ask(1, told({ startLowerBoundMs: 10 * minuteMs, startOptions }));
  estimates.started(1, 0, 20 * minuteMs);
  expect(estimates.score()).toMatchObject({
    any: { startedCount: 1, earlierCount: 0 },
    fullPower: { startedCount: 0 },
    estimated: { startedCount: 1, earlierCount: 1 },
  });
});

test("a start that is called kept and was not promised so is a broken promise", () => {
  const reports: string[] = [];
  const estimates = new Estimates(
    (job) => (job === 1 ? 5_000 : undefined),
    (property, message) => reports.push(`${property}: ${message}`),
  );
  estimates.ask(1, told({ reservedStartMs: 5_000 }));
  estimates.ask(2, told({ reservedStartMs: 6_000 }));
  expect(estimates.score().falsePromiseCount).toBe(1);
  expect(reports).toEqual([
    "promised-start: job 2 is told that a start is kept for it at 1970-01-01 00:00:06, which nobody promised",
  ]);
});
