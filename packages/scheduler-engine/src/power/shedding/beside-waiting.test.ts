import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { hourMs } from "../../testing/test-hub.ts";
import type { MeteredHub } from "../../testing/test-metered-hub.ts";
import { takingTurns } from "../../testing/test-taking-turns.ts";
import { raiseWindows } from "./ends-under.ts";

/** What raises may not have of the breaker above the node of who is paused, watts. */
function keptWatts(hub: MeteredHub): number {
  const { site, state } = hub;
  const [paused] = [...state.curtailments.paused.values()];
  const rack = known(site.nodeDomain[paused?.nodes[0] ?? -1], "rack");
  const { ceiling } = raiseWindows(state, site).hardNow;
  return (site.hardCeiling[rack] ?? 0) - (ceiling[rack] ?? 0);
}

test("what a breaker has for the return of who pauses for a steered target is not for caps of others", () => {
  const hub = takingTurns();
  // At its lowest cap, beside its idle node.
  expect(keptWatts(hub)).toBe(8 * 320);
});

test("and where somebody else is promised a start on its node for later", () => {
  const hub = takingTurns([{ nodeCount: 8 }]);
  const [paused] = [...hub.state.curtailments.paused.values()];
  expect(hub.site.reservationOfNode[paused?.nodes[0] ?? -1]?.job).toBe(5);
  expect(keptWatts(hub)).toBe(8 * 320);
});

test("in an emergency, where plans say who has its watts meanwhile, it is", () => {
  const hub = takingTurns();
  const now = instant(hub.nowMs);
  const end = instant(hub.nowMs + hourMs);
  const emergency = { mode: "emergency", target: watts(60_000) } as const;
  expect(hub.curtail("trip", { ...emergency, start: now, end }).kind).toBe("done");
  expect(keptWatts(hub)).toBe(0);
});
