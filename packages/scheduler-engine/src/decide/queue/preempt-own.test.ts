import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import { fill, share, stoppingOf } from "../../testing/test-preemption.ts";

/**
 * Each hall has a queue with a head of its own. North runs low jobs on all it is guaranteed, one hall, and another's that nobody may stop are on the second: for a high
 * job of south's, which waits first, nobody stops, and its start is promised in the second hall.
 */
function southWaits(priorityClass: "low" | "normal" = "low"): Hub {
  const hub = new Hub(mixedHub());
  share(hub, [
    { id: "north", weight: 1, quota: { guaranteedGpuCount: 32, guaranteed: watts(64_000) } },
    { id: "south", weight: 1 },
    { id: "north/p1", weight: 1 },
    { id: "south/p2", weight: 1 },
  ]);
  fill(hub, { project: "p1", gpuModel: "H100", priorityClass }, 4);
  const others = { project: "p9", gpuModel: "A100", preemptible: false };
  fill(hub, { ...others, walltime: milliseconds(10 * hourMs) }, 4);
  hub.wait(hourMs);
  hub.run({ project: "p2", priorityClass: "normal" });
  expect(stoppingOf(hub)).toEqual([]);
  return hub;
}

test("who may stop jobs of his own for one of a higher class does so though another's job of the same shape waits first", () => {
  const hub = southWaits();
  hub.run({ project: "p1", priorityClass: "normal" });
  expect(stoppingOf(hub)).toHaveLength(1);
});

test("but not for one of their class", () => {
  const hub = southWaits("normal");
  hub.run({ project: "p1", priorityClass: "normal" });
  expect(stoppingOf(hub)).toEqual([]);
});
