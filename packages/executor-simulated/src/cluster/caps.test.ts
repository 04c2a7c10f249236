import { watts } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { keyOf, startMs, testSite, wish, type WishParts } from "../test-site.ts";
import { createSimulatedCluster, type SimulatedCluster } from "./simulated-cluster.ts";

const hourMs = 3_600_000;
const capped = {
  ...testSite,
  nodeClasses: testSite.nodeClasses.map((one) => ({
    ...one,
    gpuCap: { lowestWatts: watts(200), highestWatts: watts(400) },
  })),
};

/** Starts take no time, programs run for all of their work, nothing is drawn by chance. */
function cluster(capLost = 0): SimulatedCluster {
  const none = { min: 0, max: 0 };
  return createSimulatedCluster({
    site: capped,
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
      speedPermilleAtLowestCap: 500,
    },
  });
}

let generation = 0;
function want(one: SimulatedCluster, parts: Partial<WishParts>, nowMs: number): void {
  generation += 1;
  const change = { generation, isComplete: false, forget: [], powerOff: [], powerOn: [] };
  one.realize({ ...change, attempts: [wish({ job: 1, walltimeMs: hourMs, ...parts })] }, nowMs);
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
  expect(one.drawWatts(0)).toBe(fullWatts - 8 * 200);
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
  expect(one.drawWatts(0)).toBe(fullWatts - 8 * 100);
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
