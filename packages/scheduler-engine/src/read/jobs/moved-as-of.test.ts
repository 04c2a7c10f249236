import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import type { MovedPromise } from "../../words/reply.ts";
import { movedAsOf } from "./moved-as-of.ts";

test("a start that could be promised again only once others run is told as the passes after the order promise it", () => {
  const hub = new Hub(cappedHub());
  const run = (nodeCount: number, gpusPerNode: number, hours: number): number =>
    hub.run({ nodeCount, gpusPerNode, walltime: milliseconds(hours * hourMs) });
  run(4, 4, 3);
  run(1, 1, 6);
  run(3, 1, 4.5);
  const job = run(6, 8, 2);
  // Both go before it, and are kept from the free nodes for it.
  for (const _ of [1, 2]) {
    const walltime = milliseconds(6 * hourMs);
    hub.run({ nodeCount: 2, gpusPerNode: 4, walltime, priorityClass: "high" });
  }
  const { reply } = hub.engine.execute({
    kind: "cordon-nodes",
    at: instant(hub.nowMs),
    by: "olga",
    reason: "fans",
    site: "hub",
    nodes: [2],
  });
  const moved: readonly MovedPromise[] = reply.kind === "done" ? (reply.moved ?? []) : [];
  expect(moved).toMatchObject([{ job, from: { start: instant(startMs + 4.5 * hourMs + 60_000) } }]);
  expect(moved[0]?.to).toBeUndefined();
  expect(movedAsOf(hub.state, moved)).toEqual(moved);
  while (hub.engine.needsPass) {
    hub.place();
  }
  // Those run for six hours.
  expect(movedAsOf(hub.state, moved)).toMatchObject([
    { ...moved[0], to: { start: instant(startMs + 6 * hourMs + 60_000) } },
  ]);
  // Who is gone waits for nothing any more.
  hub.change("cancel-jobs", [job]);
  expect(movedAsOf(hub.state, moved)).toEqual([]);
});
