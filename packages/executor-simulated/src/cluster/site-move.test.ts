import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { change, keyOf, startMs, testSite, wish } from "../test-site.ts";
import type { ClusterSite } from "./cluster-site.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

const longRun = { ERTIS_SIM_RUNTIME_MS: "3600000" };

/** Two new nodes in front of those that were there. */
const edited: ClusterSite = {
  ...testSite,
  revision: "1".repeat(64),
  nodes: [
    { id: "test-site/front-0", classIndex: 0 },
    { id: "test-site/front-1", classIndex: 1 },
    ...testSite.nodes,
  ],
};
const allEdited = [...edited.nodes.keys()];

function clusterWithTwo(): SimulatedCluster {
  const cluster = createSimulatedCluster({
    site: testSite,
    seed: 7,
    startMs,
    physics: { startDelayMs: { min: 0, max: 0 }, stopConfirmMs: { min: 5, max: 5 } },
  });
  const wishes = [
    wish({ job: 1, nodes: [0, 4], environment: longRun }),
    wish({ job: 2, nodes: [3], environment: longRun }),
  ];
  cluster.realize(change(1, wishes, { isComplete: true }), startMs);
  cluster.advance(startMs + 1_000);
  return cluster;
}

test("what runs keeps its nodes under their new positions, new nodes wait for their watts", () => {
  const cluster = clusterWithTwo();
  const drawn = cluster.siteDrawWatts();
  expect(cluster.takeSite(edited, startMs + 1_000)).toEqual({ kind: "taken" });
  expect(cluster.siteDrawWatts()).toBe(drawn);
  expect(cluster.inventory()).toMatchObject({
    attempts: [
      { attempt: keyOf({ job: 1 }), phase: "running", nodes: [2, 6] },
      { attempt: keyOf({ job: 2 }), phase: "running", nodes: [5] },
    ],
    nodes: [
      { node: 0, state: "off" },
      { node: 1, state: "off" },
    ],
  });
  const wishes = [
    wish({ job: 1, nodes: [2, 6], environment: longRun }),
    wish({ job: 2, nodes: [5], environment: longRun }),
    wish({ job: 3, nodes: [0, 1], gpuMasks: [0xff, 0xf], environment: longRun }),
  ];
  const whole = change(2, wishes, { isComplete: true, powerOn: allEdited });
  cluster.realize(whole, startMs + 1_000);
  cluster.advance(startMs + 2_000);
  expect(cluster.inventory().nodes).toEqual([]);
  expect(cluster.startCount).toBe(3);
  expect(cluster.startsPerAttemptMax).toBe(1);
  expect(cluster.violations()).toEqual([]);
});

test("energy goes on where it was, and a stop is confirmed by the new positions", () => {
  const [moved, stayed] = [clusterWithTwo(), clusterWithTwo()];
  moved.takeSite(edited, startMs + 1_000);
  for (const cluster of [moved, stayed]) {
    cluster.acknowledge(1_000);
    cluster.advance(startMs + 60_000);
  }
  expect(moved.energyOf(keyOf({ job: 1 }))).toBe(stayed.energyOf(keyOf({ job: 1 })));
  expect(moved.siteMillijoules()).toBe(stayed.siteMillijoules());
  const stop = wish({ job: 1, nodes: [2, 6], want: "stop", graceMs: 0 });
  moved.realize(change(3, [stop]), startMs + 60_000);
  moved.advance(startMs + 61_000);
  const confirmed = moved
    .observations(0, 100)
    .flatMap(({ observation }) => (observation.kind === "stop-confirmed" ? observation.nodes : []));
  expect(confirmed.toSorted((a, b) => a - b)).toEqual([2, 6]);
});

test("reports that wait name the nodes as they are now, and lost nodes go on where they were", () => {
  const cluster = clusterWithTwo();
  cluster.acknowledge(1_000);
  cluster.realize(change(2, [], { powerOff: [1, 2] }), startMs + 1_000);
  cluster.advance(startMs + 3_600_000);
  const without = { ...edited, nodes: edited.nodes.filter(({ id }) => !id.endsWith("/node-1")) };
  expect(cluster.takeSite(without, startMs + 3_600_000)).toEqual({ kind: "taken" });
  const reports = cluster.observations(0, 100);
  const off = reports.flatMap(({ observation }) =>
    observation.kind === "node-powered-off" ? [observation.node] : [],
  );
  // Node 1 is gone; node 2 has one node less and two more before it.
  expect(off).toEqual([3]);
  // A gap in the numbers changes nothing in what an acknowledgement covers.
  const [first] = reports;
  cluster.acknowledge(first?.sequence ?? 0);
  expect(cluster.observations(0, 100)).toEqual(reports.slice(1));
  const granted = [...without.nodes.keys()];
  cluster.acknowledge(reports.at(-1)?.sequence ?? 0);
  cluster.realize(
    change(3, [], { isComplete: true, powerOn: granted, powerOff: [] }),
    startMs + 3_600_000,
  );
  expect(cluster.inventory().nodes).toEqual([]);
});

test("a node that holds something must neither go nor get other GPUs", () => {
  const cluster = clusterWithTwo();
  const gone = { ...testSite, nodes: testSite.nodes.filter(({ id }) => !id.endsWith("/node-3")) };
  expect(cluster.takeSite(gone, startMs + 1_000)).toEqual({
    kind: "refused",
    reasons: ["node test-site/node-3 would be gone, and attempt 2_0.1 is still there"],
  });
  const [shared, whole] = testSite.nodeClasses;
  if (shared === undefined || whole === undefined) {
    throw new Error("the test site has two classes");
  }
  const smaller = { ...testSite, nodeClasses: [shared, { ...whole, gpuCount: 2 }] };
  expect(cluster.takeSite(smaller, startMs + 1_000)).toMatchObject({
    kind: "refused",
    reasons: [expect.stringMatching(/node-4 would have other GPUs, and attempt 1_0\.1/)],
  });
  expect(cluster.takeSite({ ...testSite, id: "other" }, startMs + 1_000)).toMatchObject({
    kind: "refused",
  });
  // Nothing of the refused ones has been taken over, and other figures alone strand nothing.
  expect(cluster.inventory().attempts[1]?.nodes).toEqual([3]);
  const hotter = { ...testSite, nodeClasses: [shared, { ...whole, idleWatts: watts(900) }] };
  const before = cluster.boundWatts(5);
  expect(cluster.takeSite(hotter, startMs + 1_000)).toEqual({ kind: "taken" });
  expect(cluster.boundWatts(5) - before).toBe(900 - 801);
});
