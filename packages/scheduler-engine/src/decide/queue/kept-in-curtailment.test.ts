import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Reply } from "../../words/reply.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const rigid = { flexibilityTier: 0, workloadClass: "straight" } as const;
/** It may be lowered once it runs, and comes at the full power that it is promised. */
const bending = { ...rigid, flexibilityTier: 50 } as const;

/** Some nodes run for long, two for ninety minutes; a gang is promised these and two idle ones. */
function hubWithPromise(
  gang: typeof rigid | typeof bending,
  longCount = 4,
): { readonly hub: MeteredHub; readonly kept: Reservation } {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: longCount, walltime: milliseconds(20 * hourMs) });
  hub.run({ ...rigid, nodeCount: 2, walltime: milliseconds(1.5 * hourMs) });
  const job = hub.run({ ...gang, nodeCount: 4, walltime: milliseconds(hourMs) });
  const kept = hub.site.pools.flatMap(({ reservations }) => reservations);
  return {
    hub,
    kept: known(
      kept.find((one) => one.job === job),
      "the promised start",
    ),
  };
}

/** It begins before the promised start and lasts until after it. */
function curtail(hub: MeteredHub, target: number): Extract<Reply, { readonly kind: "done" }> {
  const reply = hub.curtail("evening", {
    target: watts(target),
    baseline: watts(40_000),
    start: instant(hub.nowMs + hourMs),
    end: instant(hub.nowMs + 3 * hourMs),
  });
  if (reply.kind !== "done") {
    throw new Error(JSON.stringify(reply));
  }
  return reply;
}

/** It comes by then, to be done by then, at full power, and the target is kept. */
function expectComes(
  hub: MeteredHub,
  number: JobNumber,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): void {
  const job = known(hub.state.jobs.get(number), "the job");
  hub.playUntil(startMs + 20_000);
  const [attempt] = activeAttempts(job);
  expect(attempt).toBeDefined();
  expect(attempt?.startedAtMs).toBeLessThanOrEqual(startMs);
  expect(attempt?.endsByMs).toBeLessThanOrEqual(endMs);
  expect(attempt?.placement.capWatts).toBe(0);
  hub.playUntil(Math.max(hub.nowMs, startMs + 30 * minuteMs));
  expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
}

test.each([
  [38_000, "rigid", rigid],
  [32_000, "rigid", rigid],
  [38_000, "bending", bending],
  [32_000, "bending", bending],
] as const)(
  "what a planned curtailment to %i W says of the promised start of a %s gang is what comes",
  (target, _, gang) => {
    const { hub, kept } = hubWithPromise(gang);
    const [moved] = curtail(hub, target).moved ?? [];
    expect(moved === undefined).toBe(target === 38_000);
    const startMs = Number(moved?.to?.start ?? kept.startAtMs);
    const endMs = Number(moved?.to?.end ?? kept.holdsUntilMs - minuteMs);
    expectComes(hub, kept.job, { startMs, endMs });
  },
);

test("who comes after it is announced leaves the promised start its full power, not just its floor", () => {
  const { hub, kept } = hubWithPromise(bending, 3);
  // With others at their floors 34.6 kW are drawn when it starts, and one more at its floor would draw 1.6 kW.
  expect(curtail(hub, 35_000).moved).toBeUndefined();
  const newcomer = hub.run({ ...bending, walltime: milliseconds(20 * hourMs) });
  expectComes(hub, kept.job, {
    startMs: kept.startAtMs,
    endMs: kept.holdsUntilMs - minuteMs,
  });
  expect(known(hub.state.jobs.get(newcomer), "the newcomer").runningCount).toBe(0);
});
