import { expect, test } from "vitest";
import type { SteerTarget } from "./plan.ts";
import { minuteMeans, play, type Play, type Played, testCurve, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
/** In the middle of a minute that is measured. */
const begunMs = 10.1 * minuteMs;
const targetWatts = 2 * 32 * 246;
const target: SteerTarget = {
  startMs: 0,
  endMs: 60 * minuteMs,
  rampMs: 0,
  fromWatts: targetWatts,
  targetWatts,
};

/** Two jobs, of which one begins to run late; both draw all that their curves say. */
function playLate(change: Partial<Play> = {}): readonly Played[] {
  const late = testJob(1, { capInForceWatts: 200, runsFromMs: begunMs });
  return play(
    {
      target,
      jobs: [testJob(0, { capInForceWatts: 200 }), late],
      periodMs: minuteMs,
      ratioOf: (id, period) => {
        const ranMs = (period + 1) * minuteMs - begunMs;
        return id === 0 ? 1 : Math.max(0, Math.min(1, ranMs / minuteMs));
      },
      ...change,
    },
    40,
  );
}

test("measured once a minute, a job that began to run within the minute is not taken for one that draws less: nobody rises into its watts", () => {
  const means = minuteMeans(playLate(), target);
  expect(Math.max(...means)).toBeLessThanOrEqual(targetWatts);
  const used = means.slice(15).reduce((sum, one) => sum + one, 0) / means.slice(15).length;
  expect(used).toBeGreaterThan(0.95 * targetWatts);
});

test("however long it takes until it runs, it draws its level from the first moment on", () => {
  const begins = 30;
  const played = playLate({
    change: (job, period) =>
      job.id === 0 ? job : { ...job, runsFromMs: period < begins ? Infinity : begins * minuteMs },
    ratioOf: (id, period) => (id === 1 && period < begins ? 0 : 1),
  });
  expect(Math.max(...minuteMeans(played, target))).toBeLessThanOrEqual(targetWatts);
});

test("until it was measured in a whole period nothing is learned of it", () => {
  const seenAt = playLate().map(({ step }) => step.state.knowledge.jobs.get(1)?.seenAtMs);
  expect(seenAt.slice(9, 12)).toEqual([undefined, undefined, 12 * minuteMs]);
});

test("while it does not run yet nothing of its watts is handed to others within the minute", () => {
  const late = testJob(1, { capInForceWatts: 200, runsFromMs: Infinity });
  const jobs = [testJob(0, { capInForceWatts: 200 }), late];
  const [first] = play({ target, jobs, ratioOf: (id) => (id === 0 ? 1 : 0) }, 1);
  expect(first?.step.state.window.countedWattMs).toBe(2 * 32 * 196 * 10_000);
});

test("who draws more than its curve says is not raised to what that would allow before it was measured under one cap", () => {
  const points = testCurve.points.map((point) => ({ ...point, drawWatts: 0.8 * point.drawWatts }));
  const begins = 10;
  const tight = { ...target, targetWatts: 32 * 260, fromWatts: 32 * 260 };
  const played = play(
    {
      target: tight,
      jobs: [testJob(0, { curve: { points }, runsFromMs: begunMs })],
      periodMs: minuteMs,
      change: (job, period) =>
        period > begins ? job : { ...job, presence: period < begins ? "released" : "running" },
      // The cap that falls when it is measured first is in force only within the next period.
      lateShare: 0.1,
      ratioOf: (_, period) => (period < begins ? 0 : 1.2),
    },
    20,
  );
  const capFrom = (period: number): number => played[period]?.jobs[0]?.capInForceWatts ?? 0;
  expect(capFrom(begins + 1)).toBeLessThan(260);
  const means = minuteMeans(played, tight).slice(begins + 2);
  expect(Math.max(...means)).toBeLessThanOrEqual(tight.targetWatts);
  expect(means.at(-1)).toBeGreaterThan(0.9 * tight.targetWatts);
});
