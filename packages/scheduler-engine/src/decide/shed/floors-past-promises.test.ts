import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { attemptOf, bending, capped, schedule } from "../../testing/test-full-hub.ts";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

/** What six nodes at full power and two at 225 W a GPU draw. */
const besideLowWatts = 1_000 + 6 * 5_200 + 2 * (2_000 + 8 * 225);

test("who is below its floor is back at it though it then runs beside a start promised for hours later", () => {
  const hub = new Hub(cappedHub());
  const gang = { ...bending, flexibilityTier: 25, nodeCount: 2 } as const;
  for (let other = 0; other < 3; other += 1) {
    hub.run({ ...gang, walltime: milliseconds(10 * hourMs) });
  }
  const low = hub.run({ ...gang, walltime: milliseconds(9 * hourMs) });
  hub.budget("night", "hub", besideLowWatts, [hub.nowMs + 10 * hourMs - 60_000]);
  const head = hub.run({ nodeCount: 6, walltime: milliseconds(hourMs) });
  const site = known(hub.state.sites.get("hub"), "site");
  const promised = site.pools.flatMap(({ reservations }) => reservations);
  expect(promised.map(({ job }) => job)).toEqual([head]);
  const hall = known(
    site.site.domains.find(({ id }) => id.endsWith("hall-2")),
    "hall",
  );
  const emergency = { domain: hall.id, target: watts(4 * (2_000 + 8 * 300) + 100) };
  expect(schedule(hub, { ...emergency, end: instant(hub.nowMs + hourMs) }).kind).toBe("done");
  acknowledge(hub);
  // As if it had been lowered while nodes were still on, and now runs on beyond that start.
  capped(hub, [[low, 225]]);
  const { job, task, attempt, endsByMs } = attemptOf(hub, low);
  hub.setCap({ job, task, attempt }, 225, endsByMs + 3 * hourMs);
  hub.wait(10_000);
  for (let pass = 0; pass < 10 && hub.engine.needsPass; pass += 1) {
    hub.place();
    acknowledge(hub);
  }
  expect(attemptOf(hub, low)).toMatchObject({ capWatts: 300, floorCapWatts: 300 });
  const kept = site.pools.flatMap(({ reservations }) => reservations);
  expect(kept.map(({ isLifted }) => isLifted)).toEqual([false]);
});
