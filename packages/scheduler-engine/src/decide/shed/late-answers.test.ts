import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { acknowledge, cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import {
  attemptOf,
  bending,
  curtailment,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";
import { savedAndGone } from "../../testing/test-malleable-gang.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import type { JobSpec } from "../../words/job-spec.ts";

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
function deafWorld(
  gang: Partial<JobSpec> = {},
  { targetWatts = 37_000, untilMs = endMs } = {},
): World {
  const hub = new Hub(cappedHub());
  const deaf = hub.run({ ...bending, ...long, nodeCount: 2 });
  const { checkpoint: _, ...unsaved } = bending;
  const other = hub.run({ ...unsaved, ...long, nodeCount: 2 });
  const tier = { flexibilityTier: 10, capMin: watts(400) } as const;
  const stiff = { ...bending, ...long, ...tier, nodeCount: 2, ...gang };
  // Without the first of them the others would do more together.
  const gangs = [
    hub.run({ ...stiff, priorityClass: "low" }),
    hub.run({ ...stiff, flexibilityTier: 0 }),
  ];
  const silent = attemptOf(hub, deaf).heldNodes;
  const asked = curtailment({ target: watts(targetWatts), end: instant(untilMs) });
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

test("also where the pause alone costs him more than his tier bears: nobody else rises into his watts", () => {
  const untilMs = startMs + 12 * minuteMs;
  const { hub, other, gangs } = deafWorld({ capMin: watts(200) }, { targetWatts: 35_700, untilMs });
  hub.wait(30_000);
  const cluster = new ObeyingCluster(hub);
  cluster.pass(3 * minuteMs);
  expect(cluster.starts.map(({ job }) => job)).toEqual([gangs[0]]);
  expect(attemptOf(hub, other).capWatts).toBeLessThan(300);
  cluster.pass(untilMs - hub.nowMs);
  const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(jobs.find(({ job }) => job === gangs[0])?.pausedSeconds).toBeLessThan(4 * 60);
  expect(jobs.filter(({ isTierBroken }) => isTierBroken).map(({ job }) => job)).toEqual([gangs[0]]);
});

/** One of the gangs may go on with one node, and gives the other back for who does not answer. */
function shrunkWorld(): World & { readonly gang: number } {
  const world = deafWorld({ nodeCountMin: 1 }, { targetWatts: 38_500 });
  world.hub.wait(10_000);
  expect(phasesOf(world)).toEqual(["stopping", "starting"]);
  const [gang = 0] = world.gangs;
  expect(world.hub.state.curtailments.paused.get(taskIdOf({ job: gang, task: 0 }))).toMatchObject({
    isShrinking: true,
    nodes: attemptOf(world.hub, gang).heldNodes.slice(0, 1),
  });
  return { ...world, gang };
}

test("who gives a node back for one that does not answer goes on whole, after one checkpoint, when it does meanwhile", () => {
  const { hub, silent, gang } = shrunkWorld();
  hub.wait(15_000);
  acknowledge(hub, ...silent);
  hub.wait(5_000);
  acknowledge(hub);
  expect(explained(hub, gang).message).toBe(
    'curtailment "evening" was to take nodes from it, and it goes on with all 2',
  );
  const cluster = new ObeyingCluster(hub);
  cluster.pass(5 * minuteMs);
  expect(attemptOf(hub, gang).heldNodes.length).toBe(2);
  cluster.pass(endMs - hub.nowMs - minuteMs);
  expect(cluster.stops.map(({ job }) => job)).toEqual([gang]);
  expect(cluster.starts.map(({ job }) => job)).toEqual([gang]);
  const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
  expect(jobs.find(({ job }) => job === gang)?.shrunkNodeCount).toBe(0);
});

test("where it never answers he goes on without", () => {
  const { hub, silent, gang } = shrunkWorld();
  hub.wait(minuteMs);
  savedAndGone(hub, attemptOf(hub, gang));
  for (let passed = 0; passed < 10; passed += 1) {
    acknowledge(hub, ...silent);
    hub.wait(5_000);
  }
  expect(attemptOf(hub, gang)).toMatchObject({ phase: "starting", attempt: 2 });
  expect(attemptOf(hub, gang).heldNodes.length).toBe(1);
});

test("nor does who was to go on whole wait for watts that others have meanwhile", () => {
  const { hub, silent, gang } = shrunkWorld();
  hub.wait(15_000);
  acknowledge(hub, ...silent);
  hub.wait(5_000);
  acknowledge(hub);
  hub.budget("b1", "hub", 34_000, [hub.nowMs]);
  const cluster = new ObeyingCluster(hub);
  cluster.pass(2 * minuteMs);
  expect(cluster.starts.map(({ job }) => job)).toEqual([gang]);
  expect(attemptOf(hub, gang).heldNodes.length).toBe(1);
  const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(jobs.find(({ job }) => job === gang)?.shrunkNodeCount).toBe(1);
});

test("a lost supply waits for no late answer", () => {
  const world = deafWorld();
  const { hub, silent } = world;
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(37_000) });
  acknowledge(hub, ...silent);
  hub.wait(5_000);
  expect(phasesOf(world)).toEqual(["stopping", "starting"]);
});
