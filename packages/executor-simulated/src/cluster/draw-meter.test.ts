import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { change, keyOf, startMs, testSite, wish } from "../test-site.ts";
import type { ClusterSite } from "./cluster-site.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

const one = { numerator: 1, denominator: 1 };
/** Nodes 0 to 2 in a rack of a row, nodes 3 to 5 in the row itself, which loses a tenth. */
const metered: ClusterSite = {
  ...testSite,
  nodes: testSite.nodes.map((node, at) => ({ ...node, domainIndex: at < 3 ? 2 : 1 })),
  domains: [
    { kind: "feed", parentIndex: -1, fixedWatts: watts(1_000), loadFactor: one },
    {
      kind: "row",
      parentIndex: 0,
      fixedWatts: watts(0),
      loadFactor: { numerator: 11, denominator: 10 },
    },
    { kind: "rack", parentIndex: 1, fixedWatts: watts(0), loadFactor: one },
  ],
};
const idleWatts = 4 * 2_301 + 2 * 801;

function cluster(site: ClusterSite): SimulatedCluster {
  return createSimulatedCluster({
    site,
    seed: 5,
    startMs,
    physics: {
      startDelayMs: { min: 5_000, max: 5_000 },
      applicationFailure: { numerator: 0, denominator: 1 },
      runtimePermille: { min: 1000, max: 1000 },
      drawPermille: { min: 1000, max: 1000 },
      noisePermille: 0,
    },
  });
}

test("a reading is the mean since the last one, of attempts and of domains down to rows", () => {
  const it = cluster(metered);
  const idle = it.measure(startMs + 10_000);
  const row = Math.round(idleWatts * 1.1);
  expect(idle).toEqual({
    revision: testSite.revision,
    domains: [
      { domain: 0, watts: row + 1_000 },
      { domain: 1, watts: row },
    ],
    attempts: [],
  });
  expect(it.measure(startMs + 10_000)).toBeUndefined();
  it.realize(change(1, [wish({ job: 1 })]), startMs + 10_000);
  // It draws for half of the time: at its bound, which is the peak of its node.
  const started = it.measure(startMs + 20_000);
  const half = (7_370 - 2_301) / 2;
  expect(started?.domains[1]?.watts).toBe(Math.round((idleWatts + half) * 1.1));
  expect(started?.attempts).toEqual([{ attempt: keyOf({ job: 1 }), watts: 2_301 + half + 0.5 }]);
  const running = it.measure(startMs + 30_000);
  expect(running?.attempts).toEqual([{ attempt: keyOf({ job: 1 }), watts: 7_370 }]);
});

test("reading the meters takes nothing from the energy of nodes and attempts", () => {
  const often = cluster(metered);
  const never = cluster(testSite);
  for (const each of [often, never]) {
    each.realize(change(1, [wish({ job: 1 }), wish({ job: 2, nodes: [4] })]), startMs);
  }
  for (let atMs = startMs; atMs < startMs + 600_000; atMs += 7_000) {
    often.measure(atMs);
    never.advance(atMs);
  }
  expect(never.measure(startMs + 600_000)).toBeUndefined();
  often.advance(startMs + 600_000);
  expect(often.siteMillijoules()).toBe(never.siteMillijoules());
  expect(often.energyOf(keyOf({ job: 1 }))).toBe(never.energyOf(keyOf({ job: 1 })));
});
