import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { nodeOff } from "../../state/site-state.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

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

test("those that wait for their idle watts stay off, though they say that they are ready, in a curtailment until the start is due", () => {
  const hub = new MeteredHub();
  hub.run({ nodeCount: 4, walltime: milliseconds(endMs + 3 * minuteMs - startMs) });
  const target = watts(22_000);
  const dawn = { start: instant(startMs + 5 * minuteMs), end: instant(startMs + 10 * minuteMs) };
  const noon = { start: instant(beginMs), end: instant(endMs) };
  for (const [id, span] of Object.entries({ dawn, noon })) {
    const changes = { ...span, ramp: milliseconds(0), target, baseline: watts(31_000) };
    expect(hub.curtail(id, changes).kind).toBe("done");
  }
  const dueMs = promisedMs(hub);
  // They may come after the first one, into a budget that leaves them nothing until the second one is on.
  hub.budget("works", "hub", 22_000, [startMs + 9 * minuteMs, beginMs + 5 * minuteMs]);
  const waiting = (): readonly number[] =>
    [...hub.site.nodeFlags.keys()].filter(
      (node) => ((hub.site.nodeFlags[node] ?? 0) & nodeOff) !== 0,
    );
  hub.playUntil(startMs + 15 * minuteMs);
  expect(waiting()).toHaveLength(4);
  hub.playUntil(beginMs + 10 * minuteMs);
  for (const node of waiting()) {
    hub.report({ kind: "node-ready", node });
  }
  hub.playUntil(beginMs + 12 * minuteMs);
  expect(waiting()).toHaveLength(4);
  expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(22_000);
  hub.playUntil(dueMs);
  expect(waiting()).toEqual([]);
});
