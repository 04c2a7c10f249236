import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { RampedHub } from "../../testing/test-ramped-hub.ts";
import { attemptsOf, cappedHub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";

/** Two halls of four nodes, of which two may start at once: each adds 3.2 kW. */
const ramped = cappedHub().replaceAll(", rows:", ", ramp: 7 kW/min over 60 s, rows:");

test("a promised start that is due comes on its own nodes where the ramp above others has no room", () => {
  const hub = new RampedHub(ramped);
  const oneHall = [0, 1, 2, 3];
  hub.budget("feed", "hub", hub.feedWatts() + 4_000, [hub.nowMs, hub.nowMs + hourMs / 2]);
  hub.cordon(...oneHall);
  const job = hub.submit({ nodeCount: 2, walltime: milliseconds(2 * hourMs) });
  hub.pass(1);
  const [kept] = known(hub.state.sites.get("hub")?.pools[0], "pool").reservations;
  const { nodes, startAtMs } = known(kept, "promise");
  hub.engine.execute({
    kind: "uncordon-nodes",
    at: instant(hub.nowMs),
    by: "olga",
    reason: "fans",
    site: "hub",
    nodes: oneHall,
  });
  hub.pass((startAtMs - hub.nowMs) / 1_000 - 20);
  // It takes of the ramp of the other hall.
  hub.submit({ walltime: milliseconds(hourMs / 2) });
  hub.pass(21);
  expect(attemptsOf(hub).map((one) => [one.job, one.startedAtMs, one.heldNodes])).toEqual([
    [job, startAtMs, nodes],
    [job + 1, startAtMs - 19_000, [0]],
  ]);
});
