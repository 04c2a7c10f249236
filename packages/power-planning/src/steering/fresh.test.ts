import { expect, test } from "vitest";
import type { SteerTarget } from "./plan.ts";
import { minuteMeans, play, type Play, type Played, testJob } from "./test-plant.ts";

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
