import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptsOf, Hub, hourMs, smallHub, startMs } from "../../testing/test-hub.ts";

/** A start of one node adds 8 kW. */
const ramped = smallHub().replace(
  "feed:\n  limit: 300 kW",
  "feed:\n  limit: 300 kW\n  ramp: 20 kW/min over 60 s",
);

test("a promised start that is due comes as it was promised where a ramp has no room for a larger one", () => {
  const hub = new Hub(ramped);
  const idleWatts = hub.feedWatts();
  const openMs = startMs + hourMs;
  hub.budget("ever", "hub", idleWatts + 30_000, [startMs]);
  hub.budget("day", "hub", idleWatts + 4_000, [startMs, openMs]);
  const long = { walltime: milliseconds(20 * hourMs) };
  // All eight never fit; by the end of the day three would, and the ramp allows two starts of one node.
  const job = hub.run({ ...long, nodeCount: 8, nodeCountMin: 1 });
  const other = hub.run({ ...long, priorityClass: "high" });
  const kept = hub.state.sites.get("hub")?.pools[0]?.reservations ?? [];
  expect(kept.map((one) => [one.job, one.startAtMs, one.nodes.length])).toEqual([
    [job, openMs, 1],
    [other, openMs, 1],
  ]);
  while (hub.nowMs < openMs) {
    hub.wait(1_000);
    for (let pass = 0; pass < 10 && hub.engine.needsPass; pass += 1) {
      hub.place();
    }
  }
  const startedMs = (number: number): readonly number[] =>
    attemptsOf(hub)
      .filter((one) => one.job === number)
      .map((one) => one.startedAtMs);
  expect([startedMs(other), startedMs(job)]).toEqual([[openMs], [openMs]]);
});
