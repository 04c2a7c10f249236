import type { RampLimit } from "@ertis/power-planning";
import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, toNumber } from "@ertis/quantities";
import { expect, test } from "vitest";
import { endsAgainMs } from "../../power/ramp/ramp-lead.ts";
import { known } from "../../state/assert.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { curtailmentOf } from "../../testing/test-full-ramped-hub.ts";
import { MeasuredHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import type { FlexibilityTier, JobSpec } from "../../words/job-spec.ts";

const minuteMs = 60_000;
const fullWatts = 42_600;
const feedLimit: RampLimit = { watts: 8_000, perMs: minuteMs, windowMs: minuteMs };

/** Gangs that take no caps on all eight nodes, each node 3.2 kW above idle, with checkpoints of a minute. */
function rigidHub(
  gangs: readonly (number | Partial<JobSpec>)[],
  { ramp = "8 kW/min over 60 s", rows = "rows:", partUse = "share" } = {},
): MeasuredHub {
  const text = rampedHub(ramp)
    .replace("\n    gpuCap: 200 W..400 W", "")
    .replace("partUse: share", `partUse: ${partUse}`)
    .replaceAll(", rows:", `, ${rows}`);
  const hub = new MeasuredHub(text, 60);
  for (const gang of gangs) {
    hub.submit({
      flexibilityTier: 50,
      walltime: milliseconds(20 * hourMs),
      checkpoint: { save: milliseconds(minuteMs), restore: milliseconds(30_000) },
      ...(typeof gang === "number" ? { nodeCount: gang } : gang),
    });
  }
  hub.pass(2_400);
  expect(hub.feedWatts()).toBe(fullWatts);
  hub.steps.length = 0;
  return hub;
}

/** What is told at the notice, and when bounds are down, both counted from the start. */
function toldAndGone(
  hub: MeasuredHub,
  targetWatts: number,
  { noticeMs = 30 * minuteMs, giveUp = 50 }: { noticeMs?: number; giveUp?: FlexibilityTier } = {},
): { told: number; gone: number } {
  const at = instant(hub.nowMs);
  const start = instant(hub.nowMs + noticeMs);
  const curtailment = curtailmentOf(hub, targetWatts, {
    start,
    end: instant(toNumber(start) + 60 * minuteMs),
    ramp: milliseconds(minuteMs),
    giveUp: [giveUp],
  });
  const answer = previewCurtailment(hub.state, curtailment);
  if (answer.kind !== "preview") {
    throw new Error(`no preview: ${answer.code}`);
  }
  hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
  hub.pass(noticeMs / 1_000 + 20 * 60);
  const held = hub.steps.find((_, index) => wattsAfter(hub, index) <= targetWatts);
  return {
    told: toNumber(answer.forecast.timeToTarget),
    gone: known(held, "the step to the target").atMs - toNumber(start),
  };
}

function wattsAfter({ steps }: MeasuredHub, at: number): number {
  return steps.slice(0, at + 1).reduce((sum, step) => sum + step.watts, fullWatts);
}

test("with notice pauses of who takes no caps are told one after the other, as ramps let them stop", () => {
  const { told, gone } = toldAndGone(rigidHub([2, 2, 2, 2]), 30_000);
  expect(gone).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThanOrEqual(gone);
  expect(told).toBeLessThan(gone + 2 * minuteMs);
});

test("who takes no caps and is more than the ramp ever allows stops when its pause is due, beside smaller ones", () => {
  const { told, gone } = toldAndGone(rigidHub([2, 2, 4]), 24_000);
  expect(gone).toBeLessThanOrEqual(0);
  expect(told).toBeLessThanOrEqual(minuteMs);
});

test("who takes no caps and is more than the ramp of a hall ever allows waits for that of the feed, and is told so", () => {
  const hub = rigidHub([2, 2, 2, 2], { rows: "ramp: 4 kW/min over 60 s, rows:" });
  const { told, gone } = toldAndGone(hub, 30_000);
  expect(reportRamp(feedLimit, hub.steps).overSecondCount).toBe(0);
  expect(gone).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThanOrEqual(gone);
  expect(told).toBeLessThan(gone + 2 * minuteMs);
});

test("who gives nodes back stops in the same line, and who pauses behind him is told so", () => {
  const shrinking = { nodeCount: 4, nodeCountMin: 3 };
  const pausing = { nodeCount: 4, flexibilityTier: 25 } as const;
  const hub = rigidHub([shrinking, pausing], { ramp: "14 kW/min over 60 s" });
  const { told, gone } = toldAndGone(hub, 27_000, { noticeMs: minuteMs, giveUp: 25 });
  expect(gone).toBeGreaterThan(minuteMs);
  // Those who wait are looked at again so often.
  expect(told).toBeGreaterThanOrEqual(gone - endsAgainMs);
  expect(told).toBeLessThan(gone + 2 * minuteMs);
});

test("who shares a node that counts its peak is told to draw there until the last on it has stopped", () => {
  const halves = Array.from({ length: 16 }, () => ({ gpusPerNode: 4 }));
  const hub = rigidHub(halves, { ramp: "4 kW/min over 60 s", partUse: "peak" });
  const { told, gone } = toldAndGone(hub, 36_600);
  expect(gone).toBeGreaterThan(minuteMs);
  expect(told).toBeGreaterThanOrEqual(gone - endsAgainMs);
  expect(told).toBeLessThan(gone + 2 * minuteMs);
});
