import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { anyJob, keyOf, started } from "../check/test-checks.ts";
import { exampleFiles } from "../run/examples.ts";
import { openSite } from "../run/open-site.ts";
import { Plant } from "./plant.ts";
import { exactPlant } from "./plant-rules.ts";

const site = "hub";

/** A node that is granted its watts, of which every wake is late: by an hour, or for ever. */
function lateNode(deadWakeShare: number): Plant {
  const opened = openSite("hall.yaml", readFileSync(exampleFiles.site, "utf8"));
  if (opened.kind === "errors") {
    throw new Error("the example's site is broken");
  }
  const lateWakeMs = { min: 3_600_000, max: 3_600_000 };
  const plant = new Plant({
    site: opened.site,
    rules: { ...exactPlant, wakeLossShare: 1, lateWakeMs, deadWakeShare },
    seed: 1,
    startMs: 0,
    jobOf: () => anyJob,
    pointsFor: () => undefined,
  });
  plant.hear({ kind: "node-sleep-requested", site, nodes: [0] }, 0);
  plant.advance(0);
  plant.takeSaid();
  plant.hear({ kind: "node-wake-requested", site, nodes: [0] }, 1_000);
  plant.hear({ kind: "node-returned", site, node: 0, wake: "trusted" }, 1_000);
  plant.hear(started(keyOf(1), [0]), 1_000);
  plant.advance(2_000);
  return plant;
}

test("on a node that comes up late programs begin when it does, and not before", () => {
  const plant = lateNode(0);
  expect(plant.takeSaid()).toEqual([]);
  expect(plant.power.nodeWatts(0)).toBe(0);
  plant.advance(3_601_000);
  expect(plant.takeSaid()).toEqual([
    { kind: "attempt-running", attempt: keyOf(1) },
    { kind: "node-ready", node: 0 },
  ]);
  expect(plant.power.nodeWatts(0)).toBeGreaterThan(0);
});

test("one that is given up is off for sure, and comes up when it is asked again and answers", () => {
  const plant = lateNode(1);
  plant.hear({ kind: "node-lost", site, node: 0 }, 300_000);
  plant.advance(400_000);
  expect(plant.takeSaid()).toEqual([{ kind: "node-powered-off", node: 0 }]);
  plant.advance(100 * 3_600_000);
  expect(plant.takeSaid()).toEqual([]);
  plant.hear({ kind: "node-returned", site, node: 0 }, 100 * 3_600_000);
  expect(plant.power.nodeWatts(0)).toBeGreaterThan(0);
});

test("a node that has died since it said that it is ready stays dead when that is heard", () => {
  const plant = lateNode(0);
  plant.advance(3_601_000);
  plant.fail([0], 3_602_000);
  plant.hear({ kind: "node-returned", site, node: 0 }, 3_603_000);
  expect(plant.power.nodeWatts(0)).toBe(0);
});
