import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

test("what a job may lose to the longer of two is used sooner before any floor is given up", () => {
  const hub = new MeteredHub();
  for (const job of [pausing, pausing, pausing, pausing, bending, bending, pausing]) {
    hub.run(job);
  }
  hub.run({ flexibilityTier: 0, walltime: milliseconds(100 * hourMs) });
  const curtail = (id: string, targetWatts: number, from: number, to: number): void => {
    const reply = hub.curtail(id, {
      target: watts(targetWatts),
      baseline: watts(60_000),
      start: instant(startMs + from * minuteMs),
      end: instant(startMs + to * minuteMs),
      ramp: milliseconds(0),
    });
    expect(reply).toMatchObject({ kind: "done" });
  };
  curtail("short", 33_940, 32, 52);
  curtail("long", 34_006, 33, 60);
  hub.playUntil(startMs + 61 * minuteMs);
  for (const id of ["short", "long"]) {
    const { jobs, minutesOverCount } = known(complianceOf(hub.state, id), id);
    expect(minutesOverCount).toBe(0);
    const worst = Math.max(
      ...jobs.map(({ lossPercent, tierPercent }) => lossPercent - tierPercent),
    );
    expect(worst, `loss above its tier in ${id}`).toBeLessThanOrEqual(0);
  }
});

/** GPUs draw a little more of their curves than is planned for. */
class WarmHub extends MeteredHub {
  override drawShare(): number {
    return 0.95 * 1.015;
  }
}

test("one that asks for no more than another that holds without it widens no floor for the margins of a plan", () => {
  const hub = new WarmHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...bending, flexibilityTier: 10 });
  }
  const beginMs = startMs + 30 * minuteMs;
  const curtail = (id: string, targetWatts: number, fromMs: number, untilMs: number): void => {
    const [start, end] = [instant(beginMs + fromMs), instant(beginMs + untilMs)];
    const changes = { target: watts(targetWatts), start, end, ramp: milliseconds(0) };
    expect(hub.curtail(id, changes)).toMatchObject({ kind: "done" });
  };
  const widened = (): readonly number[] =>
    [...hub.state.curtailments.records.values()].map((one) => one.widenedBy);
  curtail("tight", 39_500, 0, 2 * hourMs);
  hub.playUntil(beginMs + 50 * minuteMs);
  expect(widened()).toEqual([0]);
  curtail("loose", 45_000, hourMs, 1.5 * hourMs);
  hub.playUntil(beginMs + 1.5 * hourMs, () => {
    expect(widened().slice(1)).toEqual([0]);
  });
  expect(complianceOf(hub.state, "loose")?.minutesOverCount).toBe(0);
});

/** A gang of four nodes that may go on with three, and keeps its tier by caps as well. */
const gang: Partial<JobSpec> = {
  ...bending,
  nodeCount: 4,
  nodeCountMin: 3,
  flexibilityTier: 25,
  checkpoint: { save: milliseconds(minuteMs / 2), restore: milliseconds(minuteMs / 2) },
};

/** GPUs draw more from some moment on. */
class WarmingHub extends MeteredHub {
  share = 0.95;

  override drawShare(): number {
    return this.share;
  }
}

test("nodes that a gang gave back for two count to the end of the longer: caps hold where that is above its tier", () => {
  const hub = new WarmingHub();
  const job = hub.run(gang);
  const beginMs = startMs + 20 * minuteMs;
  const curtail = (id: string, targetWatts: number, fromMs: number, untilMs: number): void => {
    const [start, end] = [instant(fromMs), instant(untilMs)];
    const changes = { target: watts(targetWatts), start, end, ramp: milliseconds(0) };
    expect(hub.curtail(id, changes)).toMatchObject({ kind: "done" });
  };
  curtail("short", 40_000, startMs, beginMs + 38 * minuteMs);
  hub.playUntil(beginMs - 2 * minuteMs);
  curtail("long", 18_500, beginMs, beginMs + 47 * minuteMs);
  // Caps still hold the target, though not with the margin of a plan.
  hub.share = 0.98;
  hub.playUntil(beginMs + 48 * minuteMs);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "long"), "long");
  expect(jobs.find((one) => one.job === job)?.lossPercent).toBeLessThanOrEqual(25);
  expect(minutesOverCount).toBe(0);
});
