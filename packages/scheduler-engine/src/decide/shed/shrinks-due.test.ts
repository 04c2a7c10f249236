import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { PlannedPause } from "../../state/curtailments.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { curtail, fullHub } from "../../testing/test-full-ramped-hub.ts";
import { MeasuredHub, type RampedHub, rampedHub } from "../../testing/test-ramped-hub.ts";

const minuteMs = 60_000;
const saveMs = 20_000;
const rampKw = 10;
/** A gang of three nodes at full power. */
const stopMs = (3 * 3.2 * minuteMs) / rampKw;
const shrinking = { capMin: watts(360), nodeCount: 2, nodeCountMin: 1 } as const;

function savedIn(ms: number): Pick<JobSpec, "checkpoint"> {
  return { checkpoint: { save: milliseconds(ms), restore: milliseconds(30_000) } };
}

function pausesOf(hub: RampedHub): readonly PlannedPause[] {
  return hub.state.curtailments.pauses.get("hub") ?? [];
}

function stoppingCount(hub: RampedHub): number {
  return attemptsOf(hub).filter(({ phase }) => phase === "stopping").length;
}

test("gangs shrink as late as their checkpoints and the ramps above them allow, one after the other", () => {
  const hub = new MeasuredHub(rampedHub(`${rampKw} kW/min over 60 s`), 20);
  const gang = { workloadClass: "straight", walltime: milliseconds(20 * hourMs) } as const;
  // Who writes for ten minutes has all be planned ten minutes ahead.
  hub.submit({ ...gang, nodeCount: 2, ...savedIn(10 * minuteMs) });
  for (let twice = 0; twice < 2; twice += 1) {
    const bends = { nodeCount: 3, nodeCountMin: 2, capMin: watts(400) };
    hub.submit({ ...gang, ...bends, ...savedIn(saveMs), flexibilityTier: 50 });
  }
  hub.pass(40 * 60);
  expect(hub.feedWatts()).toBe(42_600);
  const startMs = hub.nowMs + 30 * minuteMs;
  curtail(hub, 36_200, { start: instant(startMs), end: instant(startMs + 60 * minuteMs) });
  const stops: number[] = [];
  const stopping = new Set<number>();
  while (hub.nowMs < startMs) {
    hub.pass(1);
    for (const { job, phase } of attemptsOf(hub)) {
      if (phase === "stopping" && !stopping.has(job)) {
        stopping.add(job);
        stops.push(hub.nowMs - startMs);
      }
    }
  }
  expect(stops).toHaveLength(2);
  const [first = 0, second = 0] = stops;
  expect(first).toBeGreaterThanOrEqual(-saveMs - 2 * stopMs);
  expect(second).toBeGreaterThanOrEqual(-saveMs - stopMs);
  expect(second).toBeLessThanOrEqual(-saveMs);
});

test("who is told to stop when another one is announced is told so by the plan of the next moment, too", () => {
  const hub = fullHub(4, 6, shrinking);
  const startMs = hub.nowMs + 10 * minuteMs;
  curtail(hub, 39_000, { start: instant(startMs), end: instant(startMs + 40 * minuteMs) });
  hub.pass(11 * 60);
  const laterMs = hub.nowMs + 4 * minuteMs;
  curtail(hub, 34_600, {
    id: "later",
    start: instant(laterMs),
    end: instant(laterMs + 40 * minuteMs),
    ramp: milliseconds(2 * minuteMs),
  });
  const planned = pausesOf(hub);
  const stopping = stoppingCount(hub);
  hub.wait(100);
  expect(known(hub.state.curtailments.records.get("later"), "later").isPlanned).toBe(true);
  expect(pausesOf(hub)).toEqual(planned);
  expect(stoppingCount(hub)).toBe(stopping);
});
