import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { assert, known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Reservation } from "../../state/site-state.ts";

const bending = { flexibilityTier: 50, workloadClass: "straight", nodeCount: 2 } as const;

/** Watts for four nodes at full power, all taken: by a gang that bends, and for an hour by one that does not. */
function hubWithHead(): { readonly hub: Hub; readonly head: number; readonly first: number } {
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + 4 * 3_200, [startMs]);
  hub.run({ ...bending, walltime: milliseconds(20 * hourMs) }, "a");
  const first = hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) }, "s");
  const head = hub.run({ ...bending, walltime: milliseconds(10 * hourMs) }, "b");
  return { hub, head, first };
}

function keptFor(hub: Hub, job: number): Reservation {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap((pool) => pool.reservations).find((one) => one.job === job);
  return known(kept, "what is kept for the job");
}

test("who is promised full power is not squeezed in at a lower cap, to be done hours later", () => {
  const { hub, head, first } = hubWithHead();
  const promised = keptFor(hub, head);
  assert(promised.capWatts === 0, "it is promised full power once the hour is over");
  hub.wait(15_000);
  hub.budget("elsewhere", "hub", 1_000_000, [startMs]);
  hub.place();
  expect(keptFor(hub, head)).toMatchObject({
    startAtMs: promised.startAtMs,
    capWatts: 0,
    holdsUntilMs: promised.holdsUntilMs,
  });
  hub.finish(first);
  hub.place();
  acknowledge(hub);
  hub.place();
  const [attempt] = activeAttempts(known(hub.state.jobs.get(head), "the job"));
  expect(attempt).toMatchObject({ capWatts: 0 });
  expect(known(attempt, "its attempt").endsByMs).toBeLessThanOrEqual(promised.holdsUntilMs);
});

test("who others are lowered for keeps what was promised whatever changes before they answer", () => {
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + 3 * 3_200, [startMs]);
  hub.run({ ...bending, walltime: milliseconds(20 * hourMs) }, "a");
  const head = hub.run({ ...bending, nodeCount: 3, walltime: milliseconds(10 * hourMs) }, "b");
  const { startAtMs, capWatts, holdsUntilMs } = keptFor(hub, head);
  assert(startAtMs <= hub.nowMs + 10_000 && capWatts > 0, "it is squeezed in");
  // Nobody has answered by then.
  hub.wait(4_000);
  hub.budget("elsewhere", "hub", 1_000_000, [startMs]);
  hub.place();
  expect(keptFor(hub, head)).toMatchObject({ startAtMs, capWatts, holdsUntilMs });
  acknowledge(hub);
  hub.place();
  const [attempt] = activeAttempts(known(hub.state.jobs.get(head), "the job"));
  expect(attempt).toMatchObject({ capWatts });
});
