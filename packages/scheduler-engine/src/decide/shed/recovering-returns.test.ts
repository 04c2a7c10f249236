import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { nodeOff } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 20 * minuteMs;
const endMs = beginMs + hourMs;
const softer: Partial<JobSpec> = { ...pausing, capMin: watts(200) };

/** Jobs of one node in hall-1 alone, which is curtailed for an hour and has a budget from a minute before its end. */
function curtailed(
  jobs: readonly Partial<JobSpec>[],
  { targetWatts, budgetWatts }: { readonly targetWatts: number; readonly budgetWatts: number },
): MeteredHub {
  const hub = new MeteredHub();
  hub.cordon(4, 5, 6, 7);
  jobs.forEach((job) => hub.run(job));
  hub.playUntil(startMs + 5 * minuteMs);
  const reply = hub.curtail("peak", {
    domain: hub.hall("hall-1"),
    start: instant(beginMs),
    end: instant(endMs),
    target: watts(targetWatts),
    baseline: watts(20_000),
    ramp: milliseconds(5 * minuteMs),
    giveUp: [50],
  });
  expect(reply.kind).toBe("done");
  hub.budget("hall", hub.hall("hall-1"), budgetWatts, [endMs - minuteMs]);
  return hub;
}

function capOf(hub: MeteredHub, job: number): number | undefined {
  const attempt = hub.attempts.find((one) => one.job === job && one.phase !== "stopping");
  return attempt && (attempt.capWatts || 400);
}

test("after a planned curtailment who was paused comes back before caps rise into its watts, one by one", () => {
  const firm = { ...softer, flexibilityTier: 25 } as const;
  // All four at their lowest caps, or three at full power.
  const limits = { targetWatts: 14_000, budgetWatts: 19_000 };
  const hub = curtailed([softer, softer, firm, firm], limits);
  hub.playUntil(endMs - 10_000);
  const paused = [...hub.state.curtailments.paused.values()].map(({ job }) => job);
  expect(paused).toHaveLength(2);
  const backAtMs = new Map<number, number>();
  let mostBefore = 0;
  hub.playUntil(endMs + 5 * minuteMs, () => {
    const most = [1, 2, 3, 4].reduce((sum, job) => sum + (capOf(hub, job) ?? 0), 0);
    // Nobody is lowered again for them.
    expect(most).toBeGreaterThanOrEqual(mostBefore);
    mostBefore = most;
    for (const job of paused) {
      if (capOf(hub, job) !== undefined && !backAtMs.has(job)) {
        backAtMs.set(job, hub.nowMs - endMs);
      }
    }
  });
  const [first = Infinity, second = Infinity] = backAtMs.values();
  expect(first).toBeLessThan(2 * minuteMs);
  expect(second).toBeLessThan(3 * minuteMs);
});

test("who is to come back in the recovery of a planned curtailment is promised no other start", () => {
  const rigid = { ...softer, flexibilityTier: 0, walltime: milliseconds(3 * hourMs) } as const;
  const limits = { targetWatts: 17_700, budgetWatts: 21_000 };
  const hub = curtailed([rigid, rigid, rigid, softer], limits);
  hub.playUntil(endMs - 10_000);
  const paused = [...hub.state.curtailments.paused.values()].map(({ job }) => job);
  expect(paused).toEqual([4]);
  let promisedCount = 0;
  hub.playUntil(endMs + 5 * minuteMs, () => {
    promisedCount += hub.site.pools.flatMap(({ reservations }) => reservations).length;
  });
  expect(promisedCount).toBe(0);
  expect(capOf(hub, 4)).toBe(400);
});

test("nodes with which who was paused comes back are woken first in the recovery, and caps leave them their watts", () => {
  const limits = { targetWatts: 10_000, budgetWatts: 15_500 };
  const hub = curtailed([softer, softer, softer], limits);
  hub.playUntil(beginMs + 20 * minuteMs);
  const [first] = hub.state.curtailments.paused.values();
  const { job, nodes } = known(first, "the paused task");
  // It has to come back on the one that was idle, and is off.
  hub.cordon(...nodes);
  hub.playUntil(endMs - 10_000);
  expect((hub.site.nodeFlags[3] ?? 0) & nodeOff).not.toBe(0);
  hub.playUntil(endMs + 3 * minuteMs);
  expect(hub.attempts.find((one) => one.job === job)?.heldNodes).toEqual([3]);
});

test("for whom there is no node, no watts are kept from caps that rise", () => {
  const hub = curtailed([softer, softer, softer], { targetWatts: 10_000, budgetWatts: 13_000 });
  hub.playUntil(beginMs + 20 * minuteMs);
  const [first] = hub.state.curtailments.paused.values();
  const { job, nodes } = known(first, "the paused task");
  hub.cordon(...nodes, 3);
  hub.playUntil(endMs + 5 * minuteMs);
  const others = [1, 2, 3].filter((one) => one !== job);
  expect(others.map((one) => capOf(hub, one))).toEqual([400, 400]);
});

/** The moment of a start that is promised to a gang of all four nodes, which others need beyond it after the curtailment. */
function promisedAfter(budgetWatts: number): { readonly hub: MeteredHub; readonly atMs: number } {
  const firm = { ...softer, flexibilityTier: 25 } as const;
  const gang = { ...softer, nodeCount: 4, nodeCountMin: 4 } as const;
  const limits = { targetWatts: 14_000, budgetWatts };
  const hub = curtailed([softer, softer, firm, firm, gang], limits);
  hub.playUntil(endMs - 10_000);
  expect([...hub.state.curtailments.paused.values()].map(({ job }) => job)).toEqual([1, 2]);
  return { hub, atMs: promisedMs(hub) };
}

function promisedMs(hub: MeteredHub): number {
  const [first] = hub.site.pools.flatMap(({ reservations }) => reservations);
  return known(first, "the promised start").startAtMs;
}

test("who was paused comes back in the recovery before a start of later that only leaves room for higher caps", () => {
  const { hub, atMs } = promisedAfter(19_000);
  hub.playUntil(endMs + 5 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  expect(capOf(hub, 2)).toBeLessThan(400);
  expect(promisedMs(hub)).toBeGreaterThan(atMs);
});

test("a promised start stays where who was paused is gone by then if it waits for the last step of the recovery", () => {
  const { hub, atMs } = promisedAfter(30_000);
  hub.playUntil(endMs + 10 * minuteMs, () => {
    expect(promisedMs(hub)).toBe(atMs);
  });
  expect([1, 2].map((job) => capOf(hub, job))).toEqual([400, 400]);
});
