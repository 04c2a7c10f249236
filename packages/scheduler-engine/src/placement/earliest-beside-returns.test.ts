import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import { earliestStart } from "./earliest.ts";

test("a start is promised beside what a gang comes back to that stops to go on with more nodes, unless it is done by then", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 2, walltime: milliseconds(5 * hourMs) });
  // Two of the eight nodes stay idle: 2 kW each instead of 5.2 kW.
  hub.budget("b1", "hub", 36_200, [hub.nowMs]);
  const site = known(hub.state.sites.get("hub"), "hub");
  const pool = known(site.pools[0], "pool");
  const gang = { nodeCount: 2, gpusPerNode: 8, capWatts: 0, floorCapWatts: 0 };
  const startOf = (): number | undefined =>
    earliestStart(pool, { ...gang, walltimeMs: hourMs, mayUseKept: false }, hub.nowMs)?.startAtMs;
  const comeBack = (untilMs: number): void => {
    for (const node of [4, 5, 6, 7]) {
      site.returnNodes.set(node, { gpusPerNode: 8, capWatts: 0, untilMs });
    }
  };
  expect(startOf()).toBeLessThan(hub.nowMs + 2_000);
  comeBack(startMs + 20 * hourMs);
  expect(startOf()).toBeGreaterThan(startMs + 4.9 * hourMs);
  comeBack(startMs + 2 * hourMs);
  expect(startOf()).toBeLessThan(startMs + 2.2 * hourMs);
});
