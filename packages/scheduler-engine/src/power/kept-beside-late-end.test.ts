import { expect, test } from "vitest";
import { cappedHub, Hub, attemptsOf } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";

test("a promised start keeps its watts where a cap makes who runs there end a little after it", () => {
  // Four nodes of a hall idle at 8 kW and may draw 9.6 kW more: eight GPUs a node at 300 W.
  const hub = new Hub(cappedHub(17.6));
  const bending = { flexibilityTier: 25, workloadClass: "straight", nodeCount: 8 } as const;
  hub.run(bending);
  hub.run(bending);
  const site = known(hub.state.sites.get("hub"), "site");
  const promise = known(site.pools[0]?.reservations[0], "promise");
  const [running] = attemptsOf(hub);
  const wattsThen = (): readonly number[] => {
    const then = site.horizons.find(({ atMs }) => atMs === promise.startAtMs);
    return [...known(then, "horizon of the start").nodeWatts];
  };
  const atPromisedCap = Array.from({ length: 8 }, () => 5_200 - 8 * (400 - 300));
  expect([running?.capWatts, promise.capWatts]).toEqual([300, 300]);
  expect(wattsThen()).toEqual(atPromisedCap);
  hub.setCap(known(running, "attempt"), 250, promise.startAtMs + 30_000);
  expect(wattsThen()).toEqual(atPromisedCap);
});
