import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import type { Account } from "../../words/account.ts";
import {
  fill,
  runningCount,
  saveAndLeave,
  share,
  stoppingOf,
} from "../../testing/test-preemption.ts";

const shares: readonly Account[] = [
  { id: "north", weight: 1, quota: { guaranteedGpuCount: 32, guaranteed: watts(40_000) } },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
  { id: "north/p1", weight: 1 },
  { id: "south/p2", weight: 1 },
];

test("a guarantee is taken back from who borrowed it, and no more than it", () => {
  const hub = new Hub();
  share(hub, shares);
  fill(hub, { project: "p1", priorityClass: "normal" });
  hub.wait(hourMs);
  const wanted = Array.from({ length: 4 }, () => hub.submit({ project: "p2" }));
  for (let round = 0; round < 8; round += 1) {
    hub.place();
    for (const job of stoppingOf(hub)) {
      saveAndLeave(hub, job);
    }
    hub.place();
    hub.wait(60_000);
  }
  // South is guaranteed two nodes; the other two wait.
  expect(wanted.map((job) => runningCount(hub, job))).toEqual([1, 1, 0, 0]);
  expect(stoppingOf(hub)).toEqual([]);
});

test("a job that bends takes no more back than its account is guaranteed, and nobody stops in vain", () => {
  const askedOf = (accounts: readonly Account[], nodeCount: number): number => {
    const hub = new Hub();
    share(hub, accounts);
    fill(hub, { project: "p1", priorityClass: "normal" });
    hub.wait(hourMs);
    hub.run({ project: "p2", nodeCount, nodeCountMin: 1 });
    return stoppingOf(hub).length;
  };
  expect(askedOf(shares, 2)).toBe(2);
  expect(askedOf(shares, 4)).toBe(0);
  const least = { guaranteedGpuCount: 16, guaranteed: watts(10_000) };
  const few = shares.map((one) => (one.id === "south" ? { ...one, quota: least } : one));
  // 16 GPUs at full power are 16 kW.
  expect([askedOf(few, 1), askedOf(few, 2)]).toEqual([1, 0]);
});

test("a guarantee does not give way to another account's higher class", () => {
  // North holds the 32 GPUs it is guaranteed; south has borrowed 16.
  const stoppedFor = (nodeCount: number): readonly (string | undefined)[] => {
    const hub = new Hub();
    share(hub, shares);
    fill(hub, { project: "p1" }, 4);
    fill(hub, { project: "p2" }, 4);
    hub.wait(hourMs);
    hub.run({ project: "p9", nodeCount, priorityClass: "urgent" });
    return stoppingOf(hub).map((job) => hub.state.jobs.get(job)?.spec.project);
  };
  expect(stoppedFor(2)).toEqual(["p2", "p2"]);
  expect(stoppedFor(3)).toEqual([]);
});
