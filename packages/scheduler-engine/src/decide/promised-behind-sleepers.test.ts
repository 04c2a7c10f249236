import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { nodeOff } from "../state/site-state.ts";
import { MeteredHub, minuteMs } from "./test-metered-hub.ts";

const beginMs = startMs + hourMs / 2;
const endMs = beginMs + hourMs;

/** Four nodes run until three minutes after a curtailment, the others are to be off in it. */
function curtailedHub(targetWatts: number): MeteredHub {
  const hub = new MeteredHub();
  hub.run({ nodeCount: 4, walltime: milliseconds(endMs + 3 * minuteMs - startMs) });
  const changes = { start: instant(beginMs), end: instant(endMs), ramp: milliseconds(0) };
  const target = watts(targetWatts);
  expect(hub.curtail("noon", { ...changes, target, baseline: watts(31_000) }).kind).toBe("done");
  return hub;
}

function promisedMs(hub: MeteredHub): number {
  hub.run({ nodeCount: 8, walltime: milliseconds(hourMs) });
  const [kept] = hub.site.pools.flatMap((pool) => pool.reservations);
  return known(kept, "promise").startAtMs;
}

test("nodes that an accepted curtailment needs off are promised for when they are back from it", () => {
  const hub = curtailedHub(22_000);
  // What was shed comes back in a minute; then they are woken, which takes three, with one to spare.
  expect(promisedMs(hub)).toBe(endMs + 5 * minuteMs);
  hub.playUntil(beginMs + minuteMs);
  expect(hub.site.nodeFlags.filter((flags) => (flags & nodeOff) !== 0)).toHaveLength(4);
  expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(22_000);
});

test("those that it does not need off, as soon as they are free", () => {
  expect(promisedMs(curtailedHub(30_000))).toBeLessThanOrEqual(endMs + 4 * minuteMs);
});
