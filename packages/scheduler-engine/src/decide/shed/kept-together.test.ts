import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../read/test-hub.ts";
import { known } from "../../state/assert.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../testing/test-metered-hub.ts";

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
    expect(reply).toEqual({ kind: "done" });
  };
  curtail("short", 33_832, 32, 52);
  curtail("long", 33_898, 33, 60);
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
