import { reportRamp } from "@ertis/power-planning";
import { expect, test } from "vitest";
import { known } from "../state/assert.ts";
import { rampedHub } from "./test-ramped-hub.ts";
import { SleepingHub } from "./test-sleeping-hub.ts";

const limit = { watts: 4_000, perMs: 60_000, windowMs: 60_000 };

test("nodes that were off come back as many at a time as the ramp allows, as planned", () => {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"));
  hub.runOne();
  const full = hub.feedWatts();
  hub.schedule(hub.less(13_000));
  hub.pass(29 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  const before = { ...known(hub.state.ramps.get("hub")?.tallies[0], "tally") };
  const steps = hub.pass(60 * 60);
  expect(hub.flags.every((flags) => flags === 0)).toBe(true);
  expect(hub.feedWatts()).toBe(full);
  const report = reportRamp(limit, steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(3_000);
  expect(hub.state.ramps.get("hub")?.tallies[0]).toEqual(before);
});
