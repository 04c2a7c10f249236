import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptOf, capped } from "../../testing/test-full-hub.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const limitWatts = 36_000;

/** Four gangs of two nodes below a planned target that has room for all, and an emergency that has not. */
function steeredHub(): MeteredHub {
  const hub = new MeteredHub();
  for (const flexibilityTier of [50, 50, 50, 25] as const) {
    hub.run({ ...bending, flexibilityTier, nodeCount: 2 });
  }
  hub.playUntil(startMs + 2 * minuteMs);
  const end = instant(startMs + 3 * hourMs);
  const start = instant(hub.nowMs + minuteMs);
  hub.curtail("planned", { target: watts(41_500), start, end, ramp: milliseconds(0) });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  const now = instant(hub.nowMs);
  const emergency = {
    mode: "emergency",
    ramp: milliseconds(0),
    target: watts(limitWatts),
  } as const;
  expect(hub.curtail("trip", { ...emergency, start: now, end }).kind).toBe("done");
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  return hub;
}

test("what steers a planned target raises who is below its floor before others, where an emergency leaves little", () => {
  const hub = steeredHub();
  // As if one had been lowered further for nodes that were still on.
  capped(hub, [
    [1, 275],
    [2, 275],
    [3, 275],
    [4, 225],
  ]);
  expect(hub.feedWatts()).toBe(limitWatts - 2_200);
  hub.playUntil(hub.nowMs + 10_000);
  expect(attemptOf(hub, 4)).toMatchObject({ capWatts: 300, floorCapWatts: 300 });
  expect(hub.feedWatts()).toBeLessThanOrEqual(limitWatts);
});
