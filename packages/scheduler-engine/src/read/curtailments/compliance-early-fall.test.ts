import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { curtail, fullHub } from "../../testing/test-full-ramped-hub.ts";
import type { RampedHub } from "../../testing/test-ramped-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { complianceOf, type JobCompliance } from "./compliance.ts";

const minuteMs = 60_000;

/**
 * Eight gangs at full power, whose ramp is slower than what is asked: caps fall minutes before the later one starts.
 * The earlier one, which ends then, needs none of that.
 */
function fallingEarly(changes: Partial<Curtailment> = {}): RampedHub {
  const hub = fullHub(8, 4, { flexibilityTier: 10 });
  const startMs = hub.nowMs + 11 * minuteMs;
  const start = instant(startMs);
  const end = instant(startMs + 10 * minuteMs);
  const ramp = milliseconds(0);
  curtail(hub, 32_000, { id: "later", start, end, ramp, giveUp: [10] });
  const [from, to] = [startMs - 5 * minuteMs, startMs - 1_000];
  const early = { start: instant(from), end: instant(to), ramp, ...changes };
  curtail(hub, 42_600, { id: "early", ...early });
  return hub;
}

function jobsOf(hub: RampedHub, id: string): readonly JobCompliance[] {
  return known(complianceOf(hub.state, id), id).jobs;
}

function lostOf(jobs: readonly JobCompliance[]): number {
  return jobs.reduce((sum, one) => sum + one.cappedLossSeconds + one.pausedSeconds, 0);
}

function expectForLater(hub: RampedHub): void {
  const jobs = jobsOf(hub, "early");
  expect(jobs.some((one) => one.lossPercent > 15)).toBe(true);
  for (const { lossPercent, forOthersPercent, isTierBroken } of jobs) {
    expect(forOthersPercent).toBeCloseTo(lossPercent, 1);
    expect(isTierBroken).toBe(false);
  }
  expect(known(complianceOf(hub.state, "early"), "early").forWhom).toEqual(["later"]);
}

test("what falls before the start of one that gave floors up counts for it, not for another one that is on until then", () => {
  const hub = fallingEarly();
  hub.pass(10.9 * 60);
  expectForLater(hub);
  // It tells that itself, before its start, too.
  expect(lostOf(jobsOf(hub, "later"))).toBeGreaterThanOrEqual(lostOf(jobsOf(hub, "early")));
  hub.pass(12 * 60);
  expectForLater(hub);
});

test("also where the other one gave the same floors up: the last to begin has it", () => {
  const hub = fallingEarly({ giveUp: [10] });
  hub.pass(25 * 60);
  expectForLater(hub);
  expect(jobsOf(hub, "later").every((one) => one.forOthersPercent === 0)).toBe(true);
});
