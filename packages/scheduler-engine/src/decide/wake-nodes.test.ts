import { reportRamp } from "@ertis/power-planning";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { nodeAsleep, nodeOff } from "../state/site-state.ts";
import { rampedHub, RampedHub } from "./test-ramped-hub.ts";

const minuteMs = 60_000;
const limit = { watts: 4_000, perMs: 60_000, windowMs: 60_000 };

/** Nodes of 2 kW idle; those that are asked to sleep go off. */
class SleepingHub extends RampedHub {
  get flags(): readonly number[] {
    return [...known(this.state.sites.get("hub"), "site").nodeFlags];
  }

  override measureAll(): void {
    for (const [node, flags] of this.flags.entries()) {
      if ((flags & nodeAsleep) !== 0 && (flags & nodeOff) === 0) {
        this.report({ kind: "node-powered-off", node });
      }
    }
  }
}

test("nodes that were off come back as many at a time as the ramp allows, as planned", () => {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"));
  hub.run({
    flexibilityTier: 50,
    workloadClass: "straight",
    nodeCount: 1,
    walltime: milliseconds(100 * hourMs),
  });
  hub.pass(300);
  const full = hub.feedWatts();
  hub.engine.execute({
    kind: "schedule-curtailment",
    by: "olga",
    at: instant(hub.nowMs),
    curtailment: {
      id: "evening",
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(full - 13_000),
      baseline: watts(full),
      start: instant(hub.nowMs + 10 * minuteMs),
      end: instant(hub.nowMs + 30 * minuteMs),
      ramp: milliseconds(5 * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(hub.nowMs),
    },
  });
  hub.pass(29 * 60);
  expect(hub.flags.filter((flags) => (flags & nodeOff) !== 0).length).toBeGreaterThan(4);
  const before = { ...known(hub.state.ramps.get("hub")?.tallies[0], "tally") };
  const steps = hub.pass(60 * 60);
  expect(hub.flags.every((flags) => flags === 0)).toBe(true);
  expect(hub.feedWatts()).toBe(full);
  const report = reportRamp(limit, steps);
  expect(report.overSecondCount).toBe(0);
  expect(report.steepestUpWatts).toBeGreaterThan(3_000);
  expect(hub.state.ramps.get("hub")?.tallies[0]).toEqual(before);
});
