import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../testing/test-hub.ts";
import { assert, known } from "../state/assert.ts";
import { attemptOf, bending } from "../testing/test-full-hub.ts";
import { mayRaiseWithin } from "./raise-room.ts";
import { raiseWindows } from "./shedding/ends-under.ts";

/**
 * A bent job beside another of three hours, after which a start is promised with half as much beside it on
 * the nodes of that one; then the first went down to half of its speed.
 */
function lowered(): { readonly hub: Hub; readonly bent: number } {
  const hub = new Hub(cappedHub());
  hub.budget("night", "hub", hub.feedWatts() + 4 * 3_200 + 4 * 1_600, [startMs + 2.8 * hourMs]);
  hub.run({ nodeCount: 4, walltime: milliseconds(3 * hourMs) });
  const bent = hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(2 * hourMs) });
  hub.cordon(...attemptOf(hub, bent).heldNodes);
  const head = hub.run({ nodeCount: 4 });
  const site = known(hub.state.sites.get("hub"), "hub");
  const kept = site.pools.flatMap(({ reservations }) => reservations);
  assert(
    kept.some(({ job, startAtMs }) => job === head && startAtMs > startMs + 3 * hourMs),
    "it is promised a start after the other",
  );
  const { job, task, attempt } = attemptOf(hub, bent);
  hub.setCap({ job, task, attempt }, 200, startMs + 4 * hourMs);
  acknowledge(hub);
  return { hub, bent };
}

function mayRise(hub: Hub, job: number, capWatts: number): boolean {
  const site = known(hub.state.sites.get("hub"), "hub");
  return mayRaiseWithin(site, raiseWindows(hub.state, site), attemptOf(hub, job), capWatts);
}

test("a job that is in the way of a promised start only as long as its cap is low may rise", () => {
  const { hub, bent } = lowered();
  // Faster, but still there by then.
  expect(mayRise(hub, bent, 250)).toBe(false);
  expect(mayRise(hub, bent, 300)).toBe(true);
  expect(mayRise(hub, bent, 0)).toBe(true);
});
