import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs } from "../../limits.ts";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  startMs,
} from "../../testing/test-hub.ts";
import { assert, known } from "../../state/assert.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import { attemptOf, bending, fullHub, minuteMs } from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

test("a lost feed is shed for at once, whatever tiers say, and its return lets all rise again", () => {
  const hub = fullHub();
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(34_000) });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(34_000);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.place();
  expect(hub.feedWatts()).toBe(42_600);
});

test("where even the lowest caps are too much, the latest starts stop, those of tier 0 last", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 2, walltime });
  hub.run({ ...bending, nodeCount: 4, walltime });
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(24_000) });
  expect(attemptOf(hub, 2).phase).toBe("stopping");
  expect(attemptOf(hub, 1).phase).toBe("starting");
});

test("of those that are not of tier 0 the lowest class stops first, and in one class the latest start", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  // In the order in which they start.
  const gangs = [
    { priorityClass: "low", flexibilityTier: 0 },
    { priorityClass: "low" },
    { priorityClass: "normal" },
    { priorityClass: "low" },
  ] as const;
  for (const gang of gangs) {
    hub.run({ ...bending, nodeCount: 2, walltime, ...gang });
    hub.wait(minuteMs);
  }
  const stopped: number[] = [];
  // Idle nodes and what is fixed are 17 kW, the gang of tier 0 takes 6.4 kW more, the others 3.2 kW each at their lowest caps.
  for (const remaining of [32_000, 29_000, 26_000, 19_000]) {
    hub.report({ kind: "supply-lost", domain: 0, remaining: watts(remaining) });
    const gone = [1, 2, 3, 4].filter((job) => attemptOf(hub, job).phase === "stopping");
    stopped.push(...gone.filter((job) => !stopped.includes(job)));
  }
  expect(stopped).toEqual([4, 2, 3, 1]);
});

test("who has exited is waited for until his nodes have had time to say so: nobody else stops for that", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 2, walltime });
  hub.run({ ...bending, nodeCount: 4, walltime });
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(24_000) });
  const key = { job: 2, task: 0, attempt: 1 };
  const outcome = { kind: "failed", category: "preemption", exitCode: 143 } as const;
  hub.report({ kind: "attempt-exited", attempt: key, outcome });
  hub.wait(stopGraceMs - 1);
  expect(attemptOf(hub, 1).phase).toBe("starting");
  hub.wait(1);
  expect(attemptOf(hub, 1).phase).toBe("stopping");
});

test("no more of them stop than is needed beside the caps that were ordered, and nobody comes back in a moment", () => {
  const hub = fullHub();
  // Caps at their lowest leave 29.8 kW; what one gang of two nodes takes above idle then is 3.2 kW.
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(27_000) });
  const cluster = new ObeyingCluster(hub);
  cluster.pass(5 * 60_000);
  expect(cluster.stops).toHaveLength(1);
  expect(cluster.starts).toEqual([]);
});

test("nodes that went off for a lost supply are woken as soon as it is back", () => {
  const hub = new Hub(cappedHub());
  hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(10 * hourMs) });
  const { nodeFlags } = known(hub.state.sites.get("hub"), "hub");
  const asleep = (): readonly number[] =>
    [...nodeFlags.keys()].filter((node) => ((nodeFlags[node] ?? 0) & nodeAsleep) !== 0);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(26_000) });
  expect(asleep()).not.toEqual([]);
  hub.report(...asleep().map((node) => ({ kind: "node-powered-off", node }) as const));
  hub.report({ kind: "supply-back", domain: 0 });
  expect(asleep()).toEqual([]);
});

test("a budget lowered below what runs is shed for as far as floors allow, and no job is stopped", () => {
  const hub = fullHub();
  hub.budget("low", "hub", 20_000, [startMs]);
  acknowledge(hub);
  expect(attemptOf(hub, 1)).toMatchObject({ capWatts: 200, phase: "starting" });
});

test("caps that fell below floors for a lost feed stay so until they are there, though a budget elsewhere holds in vain", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 4, flexibilityTier: 0, walltime });
  const jobs = [0, 1, 2, 3].map(() => hub.run({ ...bending, flexibilityTier: 25, walltime }));
  const { domains } = known(hub.state.sites.get("hub"), "hub").site;
  const [first, second] = domains.filter(({ kind }) => kind === "hall");
  hub.budget("line", known(first, "hall-1").id, 15_000, [hub.nowMs]);
  // 8 kW of idle nodes, 9.6 kW at their floors, 6.4 kW at the lowest caps.
  const domain = known(second, "hall-2").index;
  hub.report({ kind: "supply-lost", domain, remaining: watts(16_000) });
  hub.place();
  const ordered = jobs.map((job) => 8 * attemptOf(hub, job).capWatts);
  expect(8_000 + ordered.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(16_000);
  acknowledge(hub);
  expect(jobs.map((job) => attemptOf(hub, job).phase)).not.toContain("stopping");
});

test("a lost feed that not even the lowest caps hold lowers nobody elsewhere, and the moment comes to rest", () => {
  const hub = new Hub(cappedHub());
  const flexible = { ...bending, flexibilityTier: 25 } as const;
  const below = [hub.run(flexible), hub.run(flexible)];
  const elsewhere = hub.run({ ...flexible, nodeCount: 2 });
  const site = known(hub.state.sites.get("hub"), "hub");
  const node = known(attemptOf(hub, known(below[0], "job")).heldNodes[0], "node");
  const domain = known(site.nodeDomain[node], "rack");
  // Two idle nodes and one job at its lowest cap.
  const remaining = watts(2 * 2_000 + 8 * 200);
  hub.report({ kind: "supply-lost", domain, remaining });
  const caps = (): readonly number[] =>
    [...below, elsewhere].map((job) => attemptOf(hub, job).capWatts);
  const before = caps();
  expect(before[2]).toBe(0);
  expect(below.map((job) => attemptOf(hub, job).phase)).toContain("stopping");
  for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
    hub.place();
  }
  expect(hub.engine.needsPass).toBe(false);
  expect(caps()).toEqual(before);
});

test("budgets on however many racks at once lower the jobs of all of them to their floors", () => {
  const rows = cappedHub()
    .replaceAll("rows: 1 × row-a", "rows: 3 × row-a")
    .replaceAll("limit: 100 kW, rows", "limit: 250 kW, rows");
  const hub = new Hub(rows);
  const jobs = Array.from({ length: 24 }, () => hub.run(bending));
  const racks = known(hub.state.sites.get("hub"), "hub").site.domains.filter(
    ({ kind }) => kind === "rack",
  );
  expect(racks).toHaveLength(12);
  for (const { id } of racks) {
    hub.budget(id.replaceAll("/", "-"), id, 6_000, [startMs + hourMs / 2]);
  }
  hub.wait(hourMs / 2);
  expect(jobs.map((job) => attemptOf(hub, job).capWatts)).toEqual(jobs.map(() => 200));
});

test("who stops under a low cap is not thought to free what its neighbour on the node draws", () => {
  const hub = new Hub(cappedHub());
  const long = { walltime: milliseconds(10 * hourMs) };
  const soft = { flexibilityTier: 50, workloadClass: "straight" } as const;
  const low = hub.run({ ...soft, ...long, gpusPerNode: 4 });
  hub.run({ ...long, gpusPerNode: 4 });
  for (let node = 1; node < 8; node += 1) {
    hub.run(long);
  }
  hub.setCap({ job: low, task: 0, attempt: 1 }, 200, startMs + 20 * hourMs);
  acknowledge(hub);
  // 17 kW idle and fixed, 7 × 3.2 kW, and on the first node 4 × 400 W beside 4 × 200 W.
  assert(hub.feedWatts() === 41_800, "all run, one of them capped");
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(40_900) });
  hub.place();
  const stopping = attemptsOf(hub).filter(({ phase }) => phase === "stopping");
  expect(stopping.map(({ job }) => job)).toContain(low);
  for (const { job, task, attempt } of stopping) {
    const key = { job, task, attempt };
    const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
    hub.report({ kind: "attempt-exited", attempt: key, outcome });
    hub.report({ kind: "stop-confirmed", attempt: key, nodes: [] });
  }
  expect(hub.feedWatts()).toBeLessThanOrEqual(40_900);
});

/** Eight nodes that count their peak as long as anybody runs on them, with two gangs on each; those on the last end last. */
function sharedPeaks(tiersOnLast: readonly FlexibilityTier[]): Hub {
  const hub = new Hub(cappedHub().replace("partUse: share", "partUse: peak"));
  const tiers = [...Array.from({ length: 14 }, () => 50 as const), ...tiersOnLast];
  for (const flexibilityTier of tiers) {
    const walltime = milliseconds(10 * hourMs);
    hub.run({ workloadClass: "straight", gpusPerNode: 4, walltime, flexibilityTier });
    hub.wait(minuteMs);
  }
  // 17 kW idle and fixed, 8 × 3.2 kW.
  assert(hub.feedWatts() === 42_600, "all run");
  return hub;
}

test.each([
  { tiersOnLast: [50, 50] as const, stopped: [11, 12, 13, 14, 15, 16] },
  // Nobody stops beside who is to go on: the node would draw its peak all the same.
  { tiersOnLast: [0, 50] as const, stopped: [9, 10, 11, 12, 13, 14] },
])(
  "who shares a node that counts its peak until all have left stops with all on it, as late as the last of them: $tiersOnLast",
  ({ tiersOnLast, stopped }) => {
    const hub = sharedPeaks(tiersOnLast);
    // Three nodes are to be left by all.
    hub.report({ kind: "supply-lost", domain: 0, remaining: watts(35_000) });
    const stopping = attemptsOf(hub).filter(({ phase }) => phase === "stopping");
    expect(stopping.map(({ job }) => job).toSorted((a, b) => a - b)).toEqual(stopped);
    new ObeyingCluster(hub).pass(minuteMs);
    expect(hub.feedWatts()).toBeLessThanOrEqual(35_000);
  },
);

test("where not even what is fixed fits into what is left of a supply, everything else goes off: programs stop, and all nodes sleep", () => {
  const hub = new Hub(cappedHub());
  hub.run({ ...bending, nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  const sleepers = (): number =>
    [...known(hub.state.sites.get("hub"), "site").nodeFlags].filter(
      (flags) => (flags & nodeAsleep) !== 0,
    ).length;
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(0) });
  // Who is idle already does not wait for who stops.
  expect(sleepers()).toBe(6);
  new ObeyingCluster(hub).pass(5 * minuteMs);
  expect(attemptsOf(hub)).toEqual([]);
  expect(sleepers()).toBe(8);
});
