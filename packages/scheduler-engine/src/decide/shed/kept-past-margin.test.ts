import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { known } from "../../state/assert.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { saveAndLeave, soft } from "../../testing/test-preemption.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const rigid: Partial<JobSpec> = {
  flexibilityTier: 0,
  workloadClass: "straight",
  walltime: milliseconds(20 * hourMs),
};

/** Measured once a minute, and never the same in two of them: much of a target is left free for surprises. */
class SeldomHub extends MeteredHub {
  nextAfterMs: number = minuteMs;

  override get periodMs(): number {
    return this.nextAfterMs;
  }

  override drawShare(): number {
    return Math.floor(this.nowMs / minuteMs) % 2 === 0 ? 1 : 0.98;
  }
}

/** Four nodes bend in a curtailment, a few GPUs of another do not. On the last three two stop for somebody of a higher class. */
function promisedByStops(targetWatts: number) {
  const hub = new SeldomHub();
  hub.run({ ...bending, nodeCount: 4 });
  hub.run({ ...rigid, gpusPerNode: 2 });
  const victims = [1, 2].map((nodeCount) => hub.run({ ...rigid, ...soft, nodeCount }));
  hub.curtail("evening", {
    target: watts(targetWatts),
    baseline: watts(45_000),
    start: instant(hub.nowMs + hourMs),
    end: instant(hub.nowMs + 4 * hourMs),
  });
  hub.playUntil(hub.nowMs + 2 * hourMs);
  hub.wait(5_000);
  const job = hub.run({ ...rigid, nodeCount: 3, priorityClass: "high" });
  const kept = hub.site.pools.flatMap(({ reservations }) => reservations);
  return { hub, victims, job, startAtMs: known(kept[0], "the promised start").startAtMs };
}

test("a promised start waits for no margin of the steering where bounds fit the target with all others at their floors", () => {
  const { hub, victims, job, startAtMs } = promisedByStops(36_300);
  hub.wait(10_000);
  saveAndLeave(hub, known(victims[0], "the first victim"));
  // It takes so much that all who bend have to be at their floors when the promised start comes.
  const beside = hub.run({ ...rigid, gpusPerNode: 6 });
  saveAndLeave(hub, known(victims[1], "the second victim"));
  hub.place();
  expect(hub.attempts.map((one) => one.job)).toEqual([1, 2, beside]);
  hub.nextAfterMs = startAtMs - 2_000 - hub.nowMs;
  hub.playUntil(startAtMs - 2_000);
  hub.nextAfterMs = minuteMs;
  hub.wait(2_000);
  hub.place();
  const begun = hub.attempts.find((one) => one.job === job);
  expect(begun).toMatchObject({ startedAtMs: startAtMs, capWatts: 0 });
  hub.playUntil(startAtMs + 30 * minuteMs, () => {
    expect(hub.attempts.filter(({ phase }) => phase === "running")).toHaveLength(4);
  });
  expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
});
