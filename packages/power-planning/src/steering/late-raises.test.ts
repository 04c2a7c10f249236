import { expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import { learn } from "./observe.ts";
import { defaultSteerSettings } from "./plan.ts";
import { startSteering } from "./steer.ts";
import { testCurve, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
const lowWatts = 32 * drawAt(testCurve, 200);

test("a raise whose order is late or lost teaches no lower level: it may come with the next one", () => {
  let { knowledge } = startSteering(defaultSteerSettings);
  const measure = (minute: number, capInForceWatts: number, drawnWatts: number): void => {
    knowledge = learn(
      knowledge,
      [testJob(0, { capInForceWatts })],
      {
        fromMs: minute * minuteMs,
        atMs: (minute + 1) * minuteMs,
        jobWatts: new Map([[0, drawnWatts]]),
        restWatts: 0,
        restBoundWatts: 0,
      },
      { ...defaultSteerSettings, periodMs: minuteMs },
    );
  };
  for (let minute = 0; minute < 5; minute += 1) {
    measure(minute, 200, lowWatts);
  }
  // A little below what it drew, as a meter may read.
  measure(5, 350, 0.998 * lowWatts);
  const known = knowledge.jobs.get(0) ?? expect.fail("the job is known");
  expect(known.own.ratio).toBeCloseTo(1, 2);
  // It does not take so little of the higher cap for good.
  expect(known.free).toBeUndefined();
  expect(known.departure).toBeUndefined();
});
