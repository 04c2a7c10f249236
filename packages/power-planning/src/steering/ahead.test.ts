import { expect, test } from "vitest";
import { defaultSteerSettings as settings, type SteerTarget } from "./plan.ts";
import { startSteering, steer, type SteerStep } from "./steer.ts";
import { testJob } from "./test-plant.ts";

const target: SteerTarget = {
  startMs: 600_000,
  isAskedAhead: true,
  endMs: 4_200_000,
  rampMs: 0,
  fromWatts: 3_000,
  targetWatts: 2_500,
};

/** A job at full power, and so much more that it does not fit below the target. */
function stepAt(atMs: number, changes: Partial<SteerTarget> = {}, restWatts = 0): SteerStep {
  const jobWatts = new Map([[1, 3_000]]);
  const rest = { restWatts, restBoundWatts: restWatts };
  const measurement = { fromMs: atMs - 10_000, atMs, jobWatts, ...rest };
  const input = { target: { ...target, ...changes }, jobs: [testJob(1)], measurement, settings };
  return steer(startSteering(settings), input);
}

test.each([590_000, 595_000, 599_999])(
  "the last step before a target that holds at once asks for its caps, at %i ms",
  (atMs) => {
    expect(stepAt(atMs).caps).toHaveLength(1);
    expect(stepAt(atMs, {}, 2_000).missingWatts).toBe(0);
    expect(stepAt(600_000, {}, 2_000).missingWatts).toBeGreaterThan(0);
  },
);

test("steps before it ask for none, nor does any where a line falls or caps fall sooner", () => {
  expect(stepAt(589_999)).toMatchObject({ caps: [], roomWatts: undefined });
  expect(stepAt(595_000, { rampMs: 60_000 })).toMatchObject({ caps: [], roomWatts: undefined });
  expect(stepAt(595_000, { isAskedAhead: false })).toMatchObject({
    caps: [],
    roomWatts: undefined,
  });
});
