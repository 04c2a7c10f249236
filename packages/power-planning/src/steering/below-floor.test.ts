import { expect, test } from "vitest";
import { defaultSteerSettings } from "./plan.ts";
import { drawAt } from "../curves/read-curve.ts";
import { play, testCurve, testJob } from "./test-plant.ts";

const { periodMs } = defaultSteerSettings;
const target = { targetWatts: 30_000, fromWatts: 30_000, startMs: 0, rampMs: 0, endMs: 3_600_000 };
const dipsFrom = 6;
const loweredAt = 10;

/**
 * In a dip a job is lowered to 200 W for something else than the target, which has room for both; the other one, too, where
 * that is said.
 */
function askedWhenLowered(
  floorCapWatts: number,
  isOtherLowered = false,
): ReadonlyMap<number, number> {
  const played = play(
    {
      target,
      jobs: [testJob(0, { floorCapWatts }), testJob(1)],
      ratioOf: (id, period) => (id === 0 && period >= dipsFrom ? 0.3 : 1),
      change: (job, period) =>
        period === loweredAt && (job.id === 0 || isOtherLowered)
          ? { ...job, capInForceWatts: 200 }
          : job,
    },
    loweredAt + 1,
  );
  const last = played.at(-1);
  expect(last?.atMs).toBe((loweredAt + 1) * periodMs);
  return new Map(last?.step.caps.map(({ id, capWatts }) => [id, capWatts]));
}

test("who was lowered below its floor for something else is raised to it also from a dip", () => {
  expect(askedWhenLowered(300).get(0)).toBeGreaterThanOrEqual(300);
});

test("at its floor it is raised when nobody else takes what is free", () => {
  expect(askedWhenLowered(200).get(0)).toBe(400);
  const both = askedWhenLowered(200, true);
  expect(both.get(0)).toBeUndefined();
  expect(both.get(1)).toBe(400);
});

test("where there is no room for its floor, who is below it comes as near to it as there is", () => {
  const low = testJob(0, { floorCapWatts: 400, capInForceWatts: 200 });
  const watts = (capWatts: number): number => 32 * drawAt(testCurve, capWatts);
  // The other one is at its floor, and the first one may draw what it would at 300 W.
  const narrow = { ...target, targetWatts: watts(200) + watts(300) };
  const other = testJob(1, { capInForceWatts: 200 });
  const played = play({ target: narrow, jobs: [low, other], ratioOf: () => 1 }, 20);
  const caps = played.at(-1)?.jobs.map(({ capInForceWatts }) => capInForceWatts) ?? [];
  expect(caps[0]).toBeGreaterThan(290);
  expect(caps[1]).toBe(200);
  for (const { drawnWatts } of played) {
    expect(drawnWatts.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(narrow.targetWatts);
  }
});
