import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import {
  attemptOf,
  bending,
  curtailment,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";

const endMs = startMs + 2 * hourMs;
const long = { walltime: milliseconds(10 * hourMs) };

interface World {
  readonly hub: Hub;
  readonly silent: readonly number[];
  readonly other: number;
  /** They take no caps, and pause beyond their tiers only. */
  readonly gangs: readonly number[];
}

/** An emergency for which low caps on the first two are enough: 6.4 kW of 42.6 kW. One of them does not answer. */
function deafWorld(): World {
  const hub = new Hub(cappedHub());
  const deaf = hub.run({ ...bending, ...long, nodeCount: 2 });
  const { checkpoint: _, ...unsaved } = bending;
  const other = hub.run({ ...unsaved, ...long, nodeCount: 2 });
  const tier = { flexibilityTier: 10, capMin: watts(400) } as const;
  const stiff = { ...bending, ...long, ...tier, nodeCount: 2 };
  // Without the first of them the others would do more together.
  const gangs = [
    hub.run({ ...stiff, priorityClass: "low" }),
    hub.run({ ...stiff, flexibilityTier: 0 }),
  ];
  const silent = attemptOf(hub, deaf).heldNodes;
  const asked = curtailment({ target: watts(37_000), end: instant(endMs) });
  expect(schedule(hub, asked).kind).toBe("done");
  acknowledge(hub, ...silent);
  return { hub, silent, other, gangs };
}

function phasesOf({ hub, gangs }: World): readonly string[] {
  return gangs.map((job) => attemptOf(hub, job).phase);
}

test("for a node that answers late nobody stops in an emergency whose tier does not bear it: caps fall meanwhile", () => {
  const world = deafWorld();
  const { hub, silent, other } = world;
  const asPlannedWatts = attemptOf(hub, other).capWatts;
  hub.wait(5_000);
  expect(phasesOf(world)).toEqual(["starting", "starting"]);
  expect(attemptOf(hub, other).capWatts).toBeLessThan(asPlannedWatts);
  acknowledge(hub, ...silent);
  hub.wait(4_000);
  acknowledge(hub);
  const cluster = new ObeyingCluster(hub);
  cluster.pass(minuteMs);
  expect(attemptOf(hub, other).capWatts).toBe(asPlannedWatts);
  cluster.pass(endMs - hub.nowMs);
  expect(cluster.stops).toEqual([]);
});

test("nor beside others who pause because their floors are given up: what they will free is counted on", () => {
  const hub = new Hub(cappedHub());
  const { checkpoint: _, ...unsaved } = bending;
  const deaf = hub.run({ ...unsaved, ...long, nodeCount: 2 });
  const stiff = { ...bending, ...long, capMin: watts(400), nodeCount: 2 };
  const asked = hub.run({ ...stiff, flexibilityTier: 25 });
  const gang = hub.run({ ...stiff, flexibilityTier: 10, priorityClass: "low" });
  hub.run({ ...stiff, flexibilityTier: 0 });
  const target = watts(33_500);
  expect(schedule(hub, { target, end: instant(endMs), giveUp: [50, 25] }).kind).toBe("done");
  acknowledge(hub, ...attemptOf(hub, deaf).heldNodes);
  expect(attemptOf(hub, asked).phase).toBe("stopping");
  hub.wait(5_000);
  expect(attemptOf(hub, gang).phase).toBe("starting");
});

test("who pauses beyond his tier for a node that does not answer comes back when it does, as he bears it", () => {
  const world = deafWorld();
  const { hub, other, gangs } = world;
  hub.wait(10_000);
  expect(phasesOf(world)).toEqual(["stopping", "starting"]);
  hub.wait(5_000);
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  expect(cluster.starts.map(({ job }) => job)).toEqual([gangs[0]]);
  expect(attemptOf(hub, other).capWatts).toBeLessThan(300);
  cluster.pass(endMs - hub.nowMs);
  const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
});

test("a lost supply waits for no late answer", () => {
  const world = deafWorld();
  const { hub, silent } = world;
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(37_000) });
  acknowledge(hub, ...silent);
  hub.wait(5_000);
  expect(phasesOf(world)).toEqual(["stopping", "starting"]);
});
