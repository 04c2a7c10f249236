import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

test("a node comes back only where it leaves a promised start its watts in a curtailment to come", () => {
  const hub = new MeteredHub();
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  const first = hub.run({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const start = instant(startMs + 1.5 * hourMs);
  // Of 15 kW that are drawn idle and 12.8 kW of the head next to nothing is left.
  hub.curtail("noon", { start, target: watts(28_000), baseline: watts(31_000) });
  const head = known(
    hub.state.jobs.get(hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) })),
    "head",
  );
  const [promised] = hub.site.pools.flatMap((pool) => pool.reservations);
  const { startAtMs } = known(promised, "promise");
  expect(startAtMs).toBeLessThan(startMs + 1.5 * hourMs);
  hub.playUntil(startMs + 10 * minuteMs);
  hub.report({ kind: "node-ready", node: 7 });
  expect(hub.site.nodeFlags[7]).not.toBe(0);
  hub.playUntil(startAtMs - 10_000);
  hub.finish(first);
  hub.playUntil(startAtMs);
  expect(head.runningCount).toBe(1);
  // Now that it runs, its curtailment switches idle nodes off again.
  hub.report({ kind: "node-ready", node: 7 });
  expect(hub.site.nodeFlags[7]).toBe(0);
});
