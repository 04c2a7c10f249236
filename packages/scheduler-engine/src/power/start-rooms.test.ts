import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { nodesAsleep } from "../apply/nodes.ts";
import { known } from "../state/assert.ts";
import { minuteMs, MeteredHub } from "../testing/test-metered-hub.ts";
import { idleWattsOf } from "./sleeping-nodes.ts";

/** In a curtailment that leaves a first start a few watts too few, and a second one many. */
function inCurtailment(firstMisses: number): { readonly hub: MeteredHub; readonly idle: number } {
  const hub = new MeteredHub();
  hub.curtail("evening", { target: watts(80_000), start: instant(hub.nowMs + 15 * minuteMs) });
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const { site } = hub;
  const loadScaled = known(site.horizons[0], "the horizon of now").load[0] ?? 0;
  site.startRooms.set("evening", {
    domain: 0,
    loadScaled,
    ceilingScaled: loadScaled,
    offeredScaled: 0,
    promised: [
      { job: 1, scaled: 5_000, missingScaled: firstMisses },
      { job: 2, scaled: 0, missingScaled: 50_000 },
    ],
  });
  return { hub, idle: idleWattsOf(site, [7]) * (site.site.domains[0]?.loadScale ?? 1) };
}

function roomsOf({ site }: MeteredHub): readonly number[] {
  const { promised } = known(site.startRooms.get("evening"), "room for starts");
  return promised.map(({ scaled }) => scaled);
}

test("promised starts have what they miss of a node that fell asleep before it is measured, in their order", () => {
  const { hub, idle } = inCurtailment(300);
  nodesAsleep(hub.state, "hub", [7], true);
  hub.report({ kind: "node-powered-off", node: 7 });
  const [first, second = 0] = roomsOf(hub);
  expect(first).toBe(5_300);
  expect(second).toBeGreaterThanOrEqual(idle - 300);
  // Told again, nothing is gone once more.
  hub.report({ kind: "node-powered-off", node: 7 });
  expect(roomsOf(hub)).toEqual([first, second]);
});

test("a node that was lost leaves promised starts nothing: it may be measured as gone already", () => {
  const { hub } = inCurtailment(300);
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  expect(roomsOf(hub)).toEqual([5_000, 0]);
});
