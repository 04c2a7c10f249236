import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptOf, capped } from "../../testing/test-full-hub.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

const long = { workloadClass: "straight", walltime: milliseconds(10 * hourMs) } as const;

test("who tolerates no loss and is at full power again is not capped when watts are given to others", () => {
  const hub = new Hub(cappedHub());
  const rigid = hub.run(long);
  const bending = hub.run({ ...long, flexibilityTier: 50 });
  // Its floor had been given up.
  capped(hub, [[rigid, 300]]);
  hub.place();
  expect(attemptOf(hub, rigid)).toMatchObject({ capWatts: 0, floorCapWatts: 0 });
  capped(hub, [[bending, 200]]);
  hub.budget("less", "hub", hub.feedWatts() + 8 * 100, [hub.nowMs]);
  hub.place();
  acknowledge(hub);
  expect(attemptOf(hub, rigid).capWatts).toBe(0);
  expect(attemptOf(hub, bending).capWatts).toBe(300);
});
