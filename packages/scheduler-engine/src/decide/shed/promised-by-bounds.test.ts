import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const rigid: Partial<JobSpec> = { flexibilityTier: 0, workloadClass: "straight" };

/** Orders are answered within a second. */
class SwiftHub extends MeteredHub {
  override get periodMs(): number {
    return 1_000;
  }
}

/**
 * Five nodes bend, one is busy for half an hour, and a job is promised that one with two idle ones. Beside all at
 * their floors it has its watts under the target; beside what bounds allow them until then it has not.
 */
function boundedHub(mode: Curtailment["mode"]): {
  readonly hub: MeteredHub;
  readonly job: number;
  readonly startAtMs: number;
} {
  const hub = new SwiftHub();
  hub.run({ ...bending, nodeCount: 5 });
  hub.run({ ...rigid, nodeCount: 1, walltime: milliseconds(hourMs / 2) });
  const job = hub.run({ ...rigid, nodeCount: 3, walltime: milliseconds(20 * hourMs) });
  const kept = hub.site.pools.flatMap(({ reservations }) => reservations);
  const { startAtMs } = known(
    kept.find((one) => one.job === job),
    "the promised start",
  );
  const reply = hub.curtail("evening", {
    mode,
    target: watts(36_000),
    baseline: watts(45_000),
    start: instant(hub.nowMs + 15 * minuteMs),
    end: instant(startAtMs + hourMs),
  });
  expect(reply).toEqual({ kind: "done" });
  return { hub, job, startAtMs };
}

test.each(["planned", "emergency"] as const)(
  "others are lowered in time for a promised start where bounds hold a target: %s",
  (mode) => {
    const { hub, job, startAtMs } = boundedHub(mode);
    hub.areMetersSilent = true;
    hub.playUntil(startAtMs - 5 * minuteMs);
    hub.finish(2);
    // Until shortly before it nobody is asked for anything.
    hub.playUntil(startAtMs - 12_000);
    expect(hub.attempts.map(({ capWatts }) => capWatts)).toEqual([0]);
    hub.playUntil(startAtMs);
    const started = hub.attempts.find((one) => one.job === job);
    expect(started?.startedAtMs).toBeLessThanOrEqual(startAtMs);
    expect(started?.capWatts).toBe(0);
    expect(hub.feedWatts()).toBeLessThanOrEqual(36_000);
  },
);
