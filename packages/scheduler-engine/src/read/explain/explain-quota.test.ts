import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { Quota } from "../../words/account.ts";
import { explanationSentence } from "./sentence.ts";
import { cappedHub, explained, Hub, hourMs } from "../../testing/test-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";

function most(gpuCount: number, wattsMost: number): Quota {
  return {
    guaranteedGpuCount: 0,
    guaranteed: watts(0),
    borrowableGpuCount: gpuCount,
    borrowable: watts(wattsMost),
  };
}

function hubWith(quota: Quota, text: string = cappedHub()): Hub {
  const hub = new Hub(text);
  const accounts = [
    { id: "north", weight: 1 },
    { id: "south", weight: 1 },
    { id: "north/p1", weight: 1, quota },
    { id: "south/p2", weight: 1 },
  ];
  const at = instant(hub.nowMs);
  const { reply } = hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts });
  expect(reply).toMatchObject({ kind: "done" });
  return hub;
}

function sentence(hub: Hub, job: number): string {
  const time = (atMs: number): string => `+${(atMs - hub.nowMs) / hourMs} h`;
  return explanationSentence(explained(hub, job), { time });
}

const hours = (count: number) => milliseconds(count * hourMs);

test("who waits for an account is told his place there and when it has room, and starts then", () => {
  const hub = hubWith(most(24, 300_000));
  hub.run({ nodeCount: 2, walltime: hours(2) });
  hub.run({ walltime: hours(5) });
  const first = hub.run();
  const second = hub.run({ nodeCount: 2 });
  expect(explained(hub, first)).toMatchObject({
    reason: "quota",
    aheadInAccount: { account: "north/p1", count: 0 },
    startLowerBoundMs: hub.nowMs + 2 * hourMs,
  });
  expect(sentence(hub, first)).toBe(
    "waits for its share: account north/p1 may hold 24 GPUs and holds 24; this needs 8 more; " +
      "it is the first that waits for account north/p1; earliest start +2 h if nothing ends before its walltime",
  );
  expect(sentence(hub, second)).toContain(
    `; 1 job of account north/p1 goes first (job ${first} is older); earliest start +2 h`,
  );
  hub.nowMs += 2 * hourMs;
  hub.finish(1);
  hub.place();
  expect(hub.state.jobs.get(first)?.runningCount).toBe(1);
});

test("who waits for the same account goes first in it whatever GPUs he wants: one is the first", () => {
  const hub = hubWith(most(16, 300_000), mixedHub());
  hub.run({ gpuModel: "H100", walltime: hours(2) });
  hub.run({ gpuModel: "A100", walltime: hours(3) });
  const [first, second] = ["H100", "A100"].map((gpuModel) => hub.run({ gpuModel })) as [
    number,
    number,
  ];
  expect(sentence(hub, first)).toContain("it is the first that waits for account north/p1");
  expect(sentence(hub, second)).toContain("1 job of account north/p1 goes first");
  expect(explained(hub, second).ahead?.count).toBe(0);
});

test("others ahead that wait for other accounts do not count as his", () => {
  const hub = hubWith(most(8, 300_000));
  hub.run({ walltime: hours(2) });
  hub.run({ project: "p2", nodeCount: 7 });
  hub.run({ project: "p2", nodeCount: 4, priorityClass: "high" });
  const waits = hub.run();
  expect(explained(hub, waits).aheadInAccount?.count).toBe(0);
  expect(explained(hub, waits).ahead?.count).toBe(1);
});

test("one that asks for more than the account may ever hold takes nobody's turn", () => {
  const hub = hubWith(most(8, 300_000));
  hub.run({ walltime: hours(2) });
  hub.run({ nodeCount: 2 });
  expect(explained(hub, hub.run())).toMatchObject({
    ahead: { count: 0 },
    aheadInAccount: { count: 0 },
  });
});

test("fewer nodes that fit the quota are offered, and start at once", () => {
  const hub = hubWith(most(32, 300_000));
  hub.run({ walltime: hours(2) });
  const wide = hub.run({ nodeCount: 4 });
  expect(explained(hub, wide).suggestion).toEqual({ kind: "fewer-nodes", nodeCount: 3 });
  hub.change("cancel-jobs", [wide]);
  const narrow = hub.run({ nodeCount: 3 });
  expect(hub.state.jobs.get(narrow)?.runningCount).toBe(1);
  // Nothing is left, so nothing smaller helps.
  expect(explained(hub, hub.run({ nodeCount: 2 })).suggestion).toBeUndefined();
});

test("where nothing tells when there is room, the reason is told instead of a time", () => {
  const hub = hubWith(most(8, 300_000));
  hub.run({ walltime: hours(2) });
  const waits = hub.run();
  hub.report({ kind: "node-lost", node: 0 });
  expect(explained(hub, waits).startLowerBoundMs).toBeUndefined();
  expect(sentence(hub, waits)).toContain(
    "no earliest start can be told: what its account holds is on nodes that do not answer",
  );
});

test("nodes out of service: no time is made up, and why is told", () => {
  const hub = new Hub();
  hub.cordon(0, 1, 2, 3, 4, 5, 6);
  const waits = hub.run({ nodeCount: 2 });
  expect(explained(hub, waits)).toMatchObject({
    reason: "nodes-unavailable",
    startLowerBoundMs: undefined,
  });
  expect(sentence(hub, waits)).toContain(
    "; no earliest start can be told: it needs nodes that are out of service, and nobody knows when they come back",
  );
});
