import { builtInCurves, hardwareCurve, speedAt } from "@ertis/power-planning";
import { watts } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { keyOf, startMs, testSite, wish, type WishParts } from "../test-site.ts";
import type { ClusterSite } from "./cluster-site.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

const hourMs = 3_600_000;
/** The site's own sweep of one kind of work; all other kinds follow what is known anyway. */
const ownPoints = [
  { capWatts: 200, speed: 0.5, drawWatts: 195 },
  { capWatts: 400, speed: 1, drawWatts: 390 },
];
const gpuModel = "H100-SXM-80GB";
const capped: ClusterSite = {
  ...testSite,
  curves: [{ gpuModel, workloadClass: "own", points: ownPoints }],
  nodeClasses: testSite.nodeClasses.map((one) => ({
    ...one,
    gpuCap: { lowestWatts: watts(200), highestWatts: watts(400) },
  })),
};

const unmeasured: ClusterSite = {
  ...testSite,
  nodeClasses: testSite.nodeClasses.map((one) => ({
    ...one,
    gpuCap: { lowestWatts: watts(200), highestWatts: watts(700) },
  })),
};

/** Starts take no time, programs run for all of their work, nothing is drawn by chance. */
function cluster(capLost = 0, site = capped): SimulatedCluster {
  const none = { min: 0, max: 0 };
  return createSimulatedCluster({
    site,
    seed: 5,
    startMs,
    physics: {
      startDelayMs: none,
      applicationFailure: { numerator: 0, denominator: 1 },
      runtimePermille: { min: 1000, max: 1000 },
      drawPermille: { min: 1000, max: 1000 },
      noisePermille: 0,
      termExitMs: { min: 5_000, max: 5_000 },
      termIgnored: { numerator: 0, denominator: 1 },
      capDelayMs: { min: 1_000, max: 1_000 },
      capLost: { numerator: capLost, denominator: 1 },
    },
  });
}

let generation = 0;
function want(one: SimulatedCluster, parts: Partial<WishParts>, nowMs: number): void {
  generation += 1;
  const change = { generation, isComplete: false, forget: [], powerOff: [], powerOn: [] };
  const full = { job: 1, walltimeMs: hourMs, workloadClass: "own", ...parts };
  one.realize({ ...change, attempts: [wish(full)] }, nowMs);
}

function reports(one: SimulatedCluster, kind: Observation["kind"]): readonly Observation[] {
  return one
    .observations(0, 1_000)
    .map(({ observation }) => observation)
    .filter((each) => each.kind === kind);
}

test("a node holds a new cap a little later, says so, draws less and is slower", () => {
  const one = cluster();
  want(one, {}, startMs);
  one.advance(startMs + hourMs / 2);
  const fullWatts = one.drawWatts(0);
  want(one, { capWatts: 200, capOrder: 1 }, startMs + hourMs / 2);
  one.advance(startMs + hourMs / 2 + 999);
  expect([one.drawWatts(0), reports(one, "cap-applied")]).toEqual([fullWatts, []]);
  one.advance(startMs + hourMs / 2 + 1_000);
  // Held back by its cap a GPU draws 4 % less than that.
  expect(one.drawWatts(0)).toBe(fullWatts - 8 * (200 + 8));
  expect(reports(one, "cap-applied")).toMatchObject([
    { attempt: keyOf({ job: 1 }), nodes: [0], capWatts: 200, order: 1 },
  ]);
  // Half of the hour is left, less the second before the cap held, at half of full speed.
  const endMs = startMs + hourMs / 2 + 1_000 + (hourMs / 2 - 1_000) * 2;
  one.advance(endMs - 1);
  expect(reports(one, "attempt-exited")).toEqual([]);
  one.advance(endMs);
  expect(reports(one, "attempt-exited")).toHaveLength(1);
});

test("work of each kind slows down by the curve that planning has for it", () => {
  const kinds = [
    ["own", capped, 400],
    ["llama2-70b", unmeasured, 700],
    ["dlrm-v2-server", unmeasured, 700],
  ] as const;
  const ends = kinds.map(([workloadClass, site, highestWatts]) => {
    const one = cluster(0, site);
    want(one, { workloadClass, capWatts: highestWatts - 100, capOrder: 1 }, startMs);
    one.advance(startMs + 10 * hourMs);
    const exit = one
      .observations(0, 100)
      .find(({ observation }) => observation.kind === "attempt-exited");
    const gpus = { gpuModel, lowestWatts: 200, highestWatts };
    const curve = hardwareCurve([...site.curves, ...builtInCurves], gpus, workloadClass);
    const speed = curve === undefined ? 1 : speedAt(curve, highestWatts - 100);
    // The cap holds a second after the program began.
    expect(exit?.atMs).toBe(startMs + 1_000 + Math.ceil((hourMs - 1_000) / speed));
    return exit?.atMs;
  });
  expect(new Set(ends).size).toBe(3);
});

test("another revision of the site brings its curves along for what runs", () => {
  const one = cluster();
  want(one, { capWatts: 200, capOrder: 1 }, startMs);
  one.advance(startMs + 1_000);
  const faster = ownPoints.map((point) => ({ ...point, speed: Math.max(point.speed, 0.8) }));
  const curves = [{ gpuModel, workloadClass: "own", points: faster }];
  one.takeSite({ ...capped, revision: "2".repeat(64), curves }, startMs + 1_000);
  const endMs = startMs + 1_000 + Math.ceil((hourMs - 1_000) / 0.8);
  one.advance(endMs - 1);
  expect(reports(one, "attempt-exited")).toEqual([]);
  one.advance(endMs);
  expect(reports(one, "attempt-exited")).toHaveLength(1);
});

test("an order that a node never carries out changes nothing, and an older one is void", () => {
  const deaf = cluster(1);
  want(deaf, {}, startMs);
  deaf.advance(startMs + 1);
  const fullWatts = deaf.drawWatts(0);
  want(deaf, { capWatts: 200, capOrder: 1 }, startMs + 1);
  deaf.advance(startMs + hourMs / 2);
  expect([deaf.drawWatts(0), reports(deaf, "cap-applied")]).toEqual([fullWatts, []]);
  const one = cluster();
  want(one, {}, startMs);
  want(one, { capWatts: 300, capOrder: 2 }, startMs);
  want(one, { capWatts: 200, capOrder: 1 }, startMs);
  one.advance(startMs + 2_000);
  expect(one.drawWatts(0)).toBe(fullWatts - 8 * (100 + 12));
});

test("a preempted program saves its work, and the next attempt goes on from it", () => {
  const one = cluster();
  want(one, {}, startMs);
  want(one, { want: "stop", savesWork: true, graceMs: 30_000 }, startMs + hourMs / 4);
  one.advance(startMs + hourMs / 2);
  expect(one.observations(0, 100).map(({ observation }) => observation.kind)).toEqual([
    "attempt-running",
    "checkpointed",
    "attempt-exited",
    "stop-confirmed",
  ]);
  const environment = { ERTIS_SIM_RUNTIME_MS: String(hourMs) };
  want(one, { attempt: 2, workDoneMs: hourMs / 4, environment }, startMs + hourMs);
  one.advance(startMs + 1.75 * hourMs);
  expect(reports(one, "attempt-exited")).toHaveLength(2);
});
