import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptsOf, Hub, smallHub } from "../testing/test-hub.ts";
import type { Event } from "../words/event.ts";

/** An event past all rules, as an entry of the log. */
function happen(hub: Hub, event: Event): void {
  const at = instant(hub.nowMs);
  hub.engine.replay({ at, command: { kind: "place", at }, events: [event] });
}

/** Four nodes of 2 kW idle and 10 kW at peak below 31 kW: three at work leave nothing for the fourth. */
test("a node whose idle watts do not fit the limit above it does not come back, whoever asked for it", () => {
  const hub = new Hub(smallHub(31));
  const node = { site: "hub", node: 3 };
  happen(hub, { kind: "node-powered-off", ...node, confirmedBy: "olga" });
  for (let count = 0; count < 8; count += 1) {
    hub.run();
  }
  expect(attemptsOf(hub).filter(({ heldNodes }) => heldNodes.every((one) => one < 4))).toHaveLength(
    3,
  );
  expect(() => happen(hub, { kind: "node-returned", ...node })).toThrow(
    "hub/sub-1/hall-1 are within its limit",
  );
});
