import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { victimWorkMinMs } from "../../limits.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import { fill, share, stoppingOf } from "../../testing/test-preemption.ts";

/** North runs on all eight nodes and waits for more of the same shape; two of them are guaranteed to south. */
function borrowed(): Hub {
  const hub = new Hub();
  share(hub, [
    { id: "north", weight: 1, quota: { guaranteedGpuCount: 32, guaranteed: watts(40_000) } },
    { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
    { id: "north/p1", weight: 1 },
    { id: "south/p2", weight: 1 },
    { id: "south/p3", weight: 1 },
  ]);
  fill(hub, { project: "p1", priorityClass: "normal" });
  return hub;
}

const pair = { nodeCount: 2, gpusPerNode: 8 };

test("who waits in vain keeps nobody of another account with a job of the same shape from its guarantee", () => {
  const hub = borrowed();
  hub.wait(hourMs);
  hub.run({ project: "p1", ...pair });
  expect(stoppingOf(hub)).toEqual([]);
  hub.run({ project: "p2", ...pair });
  expect(stoppingOf(hub)).toHaveLength(2);
});

test("nor when he has left the queue", () => {
  const hub = borrowed();
  hub.wait(hourMs);
  // The start that is promised is this one's, so that nothing is let go with the second.
  hub.run({ project: "p1", nodeCount: 3, gpusPerNode: 8 });
  const second = hub.run({ project: "p1", ...pair });
  hub.change("cancel-jobs", [second]);
  hub.run({ project: "p2", ...pair });
  expect(stoppingOf(hub)).toHaveLength(2);
});

test("of two who wait below the same guarantee one has it back", () => {
  const hub = borrowed();
  hub.wait(hourMs);
  hub.run({ project: "p1", ...pair });
  hub.run({ project: "p2", nodeCount: 3, gpusPerNode: 8 });
  expect(stoppingOf(hub)).toEqual([]);
  hub.submit({ project: "p2", ...pair });
  hub.submit({ project: "p3", ...pair });
  hub.place();
  expect(stoppingOf(hub)).toHaveLength(2);
});

test("a guarantee is taken back as soon as who borrowed it has worked long enough, whoever waits with the same shape", () => {
  const hub = borrowed();
  hub.wait(victimWorkMinMs / 2);
  hub.run({ project: "p1", ...pair });
  hub.run({ project: "p2", ...pair });
  expect(stoppingOf(hub)).toEqual([]);
  const againMs = hub.engine.nextTickAtMs() ?? Infinity;
  hub.wait(againMs - hub.nowMs);
  expect(hub.engine.needsPass).toBe(true);
  hub.place();
  expect(stoppingOf(hub)).toHaveLength(2);
});
