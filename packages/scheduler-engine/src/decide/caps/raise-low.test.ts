import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptOf, capped } from "../../testing/test-full-hub.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** What bounds are with all at their floors. */
const atFloorsWatts = 1_000 + 8 * 2_000 + 6 * 8 * 200 + 2 * 8 * 300;

/** GPUs draw all of their caps and are measured once a minute, so that what steering keeps free is missing for floors. */
class BusyHub extends MeteredHub {
  override get periodMs(): number {
    return minuteMs;
  }

  override drawShare(): number {
    return 1;
  }
}

/** Four gangs of two nodes at their floors below a planned target, of which the last then runs below its own; the first has another cap, and answers no more. */
function lowHub(firstCapWatts: number): BusyHub {
  const hub = new BusyHub();
  for (const flexibilityTier of [50, 50, 50, 25] as const) {
    hub.run({ ...bending, flexibilityTier, nodeCount: 2 });
  }
  hub.playUntil(startMs + 2 * minuteMs);
  const start = instant(hub.nowMs + minuteMs);
  const end = instant(startMs + 3 * hourMs);
  hub.curtail("planned", { target: watts(atFloorsWatts), start, end, ramp: milliseconds(0) });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  capped(hub, [
    [1, firstCapWatts],
    [2, 200],
    [3, 200],
    [4, 225],
  ]);
  attemptOf(hub, 1).heldNodes.forEach((node) => hub.silent.add(node));
  hub.playUntil(hub.nowMs + minuteMs);
  return hub;
}

test("who is below its floor is back at it where bounds fit the target, whatever steering keeps free", () => {
  const hub = lowHub(200);
  expect(attemptOf(hub, 4)).toMatchObject({ capWatts: 300, floorCapWatts: 300 });
  expect(hub.feedWatts()).toBe(atFloorsWatts);
});

test("where a cap of another one is not acknowledged, it comes as near to it as bounds fit", () => {
  const hub = lowHub(250);
  expect(attemptOf(hub, 4)).toMatchObject({ capWatts: 250, floorCapWatts: 300 });
  expect(hub.feedWatts()).toBe(atFloorsWatts);
});
