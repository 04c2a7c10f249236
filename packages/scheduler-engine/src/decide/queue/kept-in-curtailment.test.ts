import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs } from "../../read/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Reservation } from "../../state/site-state.ts";
import { MeteredHub, minuteMs } from "../testing/test-metered-hub.ts";

const rigid = { flexibilityTier: 0, workloadClass: "straight" } as const;

/** Four nodes run for long, two for ninety minutes; a gang is promised these and the two idle ones. */
function hubWithPromise(): { readonly hub: MeteredHub; readonly kept: Reservation } {
  const hub = new MeteredHub();
  hub.run({
    ...rigid,
    flexibilityTier: 50,
    nodeCount: 4,
    walltime: milliseconds(20 * hourMs),
  });
  hub.run({ ...rigid, nodeCount: 2, walltime: milliseconds(1.5 * hourMs) });
  const job = hub.run({ ...rigid, nodeCount: 4, walltime: milliseconds(hourMs) });
  const kept = hub.site.pools.flatMap(({ reservations }) => reservations);
  return {
    hub,
    kept: known(
      kept.find((one) => one.job === job),
      "the promised start",
    ),
  };
}

test.each([38_000, 32_000])(
  "what a planned curtailment to %i W says of a promised start is what comes",
  (target) => {
    const { hub, kept } = hubWithPromise();
    const reply = hub.curtail("evening", {
      target: watts(target),
      baseline: watts(40_000),
      start: instant(hub.nowMs + hourMs),
      end: instant(hub.nowMs + 3 * hourMs),
    });
    if (reply.kind !== "done") {
      throw new Error(JSON.stringify(reply));
    }
    const [moved] = reply.moved ?? [];
    expect(moved === undefined).toBe(target === 38_000);
    const startMs = Number(moved?.to?.start ?? kept.startAtMs);
    const endMs = Number(moved?.to?.end ?? kept.holdsUntilMs - minuteMs);
    const job = known(hub.state.jobs.get(kept.job), "the job");
    hub.playUntil(startMs + 20_000);
    const [attempt] = activeAttempts(job);
    expect(attempt).toBeDefined();
    expect(attempt?.startedAtMs).toBeLessThanOrEqual(startMs);
    expect(attempt?.endsByMs).toBeLessThanOrEqual(endMs);
    expect(attempt?.capWatts).toBe(0);
    hub.playUntil(Math.max(hub.nowMs, startMs + 30 * minuteMs));
    expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
  },
);
