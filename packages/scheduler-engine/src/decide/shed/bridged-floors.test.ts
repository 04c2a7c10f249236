import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import { attemptOf, capped, schedule } from "../../testing/test-full-hub.ts";

const targetWatts = 28_200;

/** Three gangs of two nodes whose floors are 300 W; beside idle nodes that are off 950 W are left for a GPU of each. */
function emergency(changes: Parameters<typeof schedule>[1] = {}): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 3; gang += 1) {
    const walltime = milliseconds(10 * hourMs);
    hub.run({ flexibilityTier: 25, workloadClass: "straight", nodeCount: 2, walltime });
  }
  const end = instant(hub.nowMs + hourMs);
  expect(schedule(hub, { target: watts(targetWatts), end, ...changes }).kind).toBe("done");
  acknowledge(hub);
  known(hub.state.sites.get("hub"), "site").nodeFlags.forEach((flags, node) => {
    if ((flags & nodeAsleep) !== 0) {
      hub.report({ kind: "node-powered-off", node });
    }
  });
  settle(hub);
  return hub;
}

function settle(hub: Hub): void {
  for (let step = 0; step < 6; step += 1) {
    hub.wait(10_000);
    acknowledge(hub);
  }
}

function capsOf(hub: Hub): readonly number[] {
  return [1, 2, 3].map((job) => attemptOf(hub, job).capWatts);
}

/** As if the watts that one gang is below its floor had been given to others while nodes were awaited. */
function leaveBelowFloor(hub: Hub): void {
  capped(hub, [
    [3, 225],
    [1, 350],
    [2, 375],
  ]);
}

test("in an emergency nobody stays at the cap that only bridged while others have the watts of its floor", () => {
  const hub = emergency();
  expect(Math.min(...capsOf(hub))).toBeGreaterThanOrEqual(300);
  leaveBelowFloor(hub);
  expect(hub.feedWatts()).toBe(targetWatts);
  settle(hub);
  expect(Math.min(...capsOf(hub))).toBeGreaterThanOrEqual(300);
  expect(hub.feedWatts()).toBeLessThanOrEqual(targetWatts);
});

test("whose floor is given up stays below it: others keep what they have", () => {
  const hub = emergency({ giveUp: [25] });
  leaveBelowFloor(hub);
  settle(hub);
  expect(capsOf(hub)).toEqual([350, 375, 225]);
});
