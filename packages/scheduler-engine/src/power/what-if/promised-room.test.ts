import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, minuteMs, MeteredHub } from "../../testing/test-metered-hub.ts";
import { known } from "../../state/assert.ts";
import { withPromisedRoom } from "./promised-room.ts";

test("what is left for one promised start is there while it is asked for, and gone again when that throws", () => {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: 8 });
  const waiting = hub.run();
  const start = instant(hub.nowMs + 15 * minuteMs);
  expect(hub.curtail("evening", { start }).kind).toBe("done");
  const [kept] = hub.site.pools.flatMap(({ reservations }) => reservations);
  const promise = { ...known(kept, "promised start"), job: waiting, startAtMs: 0 };
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const now = known(hub.site.horizons[0], "the horizon of now");
  hub.site.startRooms.set("evening", {
    domain: 0,
    loadScaled: now.load[0] ?? 0,
    ceilingScaled: now.load[0] ?? 0,
    offeredScaled: 0,
    promised: [{ job: waiting, scaled: 50_000, missingScaled: 0 }],
  });
  const ceilings = (): string => now.ceiling.join();
  withPromisedRoom(hub.site, { ...promise, job: -1 }, hub.nowMs, () => {});
  const before = ceilings();
  withPromisedRoom(hub.site, promise, hub.nowMs, () => expect(ceilings()).not.toBe(before));
  const failing = (): never => {
    throw new Error("broken");
  };
  expect(() => withPromisedRoom(hub.site, promise, hub.nowMs, failing)).toThrow("broken");
  expect(ceilings()).toBe(before);
});
