import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, smallHub } from "../../testing/test-hub.ts";
import type { Reply } from "../../words/reply.ts";

/** To two tenants, each with the GPUs of a hall. */
function guarantee(hub: Hub, northWatts: number, southWatts: number): Reply {
  const accounts = [
    ["north", northWatts],
    ["south", southWatts],
  ] as const;
  return hub.engine.execute({
    kind: "set-accounts",
    at: instant(hub.nowMs),
    by: "olga",
    accounts: accounts.map(([id, powerWatts]) => ({
      id,
      weight: 1,
      quota: { guaranteedGpuCount: 32, guaranteed: watts(powerWatts) },
    })),
  }).reply;
}

test("guarantees add up to what jobs can have of the sites above idle draw, not to what the feed carries", () => {
  const hub = new Hub(smallHub(40));
  // A hall of four nodes carries 40 kW, of which they draw 8 kW idle: 32 kW at full power, two halls 64 kW.
  expect(guarantee(hub, 32_000, 32_001)).toMatchObject({
    code: "quota-too-large",
  });
  expect(guarantee(hub, 32_000, 32_000)).toEqual({ kind: "done" });
  // With 30 kW a hall what is left above idle is 22 kW.
  const low = new Hub(smallHub(30));
  expect(guarantee(low, 22_001, 22_000)).toMatchObject({
    code: "quota-too-large",
    message: expect.stringContaining("and the sites have 44.0 kW for jobs") as string,
  });
  expect(guarantee(low, 22_000, 22_000)).toEqual({ kind: "done" });
});
