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

/**
 * Hall 1 is steered to a target that asks nothing of it. A job is promised three nodes of hall 2, and another would start
 * beside that, for which all have their watts at the feed where hall 1 is at its floors.
 */
function steeredHub(steeredMs: number): {
  readonly hub: MeteredHub;
  readonly job: number;
  readonly startAtMs: number;
} {
  const hub = new SwiftHub();
  const end = hub.nowMs + 4 * hourMs;
  hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(5 * hourMs) });
  hub.run({ ...rigid, walltime: milliseconds(hourMs / 4) });
  hub.run({ ...rigid, walltime: milliseconds(hourMs / 4) });
  hub.beginAll();
  hub.budget("evening", "hub", 41_000, [hub.nowMs, end]);
  const target = watts(20_700);
  const reply = hub.curtail("noon", {
    domain: hub.hall("hall-1"),
    target,
    baseline: watts(20_800),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + steeredMs),
    ramp: milliseconds(8 * minuteMs),
  });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 9 * minuteMs);
  const job = hub.run({ ...rigid, nodeCount: 3, walltime: milliseconds(hourMs) });
  const [kept] = hub.site.pools.flatMap(({ reservations }) => reservations);
  const { startAtMs } = known(kept, "the promised start");
  hub.run({ ...rigid, walltime: milliseconds(2 * hourMs) });
  return { hub, job, startAtMs };
}

test("others below a steered target are lowered in time for a promised start elsewhere that counts on it", () => {
  const { hub, job, startAtMs } = steeredHub(4 * hourMs);
  hub.playUntil(startAtMs - 5 * minuteMs);
  hub.finish(2);
  hub.finish(3);
  hub.playUntil(startAtMs - 12_000);
  expect(hub.attempts.map((one) => [one.job, one.capWatts])).toEqual([
    [1, 0],
    [5, 0],
  ]);
  hub.playUntil(startAtMs);
  const started = hub.attempts.find((one) => one.job === job);
  expect(started?.startedAtMs).toBeLessThanOrEqual(startAtMs);
  expect(started?.capWatts).toBe(0);
  expect(hub.feedWatts()).toBeLessThanOrEqual(41_000);
});

test("in the recovery nobody is lowered for a promised start any more: who starts meanwhile leaves it its watts", () => {
  const { hub, job, startAtMs } = steeredHub(8 * minuteMs);
  const capOfFirst = (): number | undefined => hub.attempts[0]?.capWatts;
  hub.playUntil(startAtMs - 5 * minuteMs);
  hub.finish(2);
  hub.finish(3);
  hub.playUntil(startAtMs - 12_000);
  const before = capOfFirst();
  hub.playUntil(startAtMs);
  expect(hub.attempts.find((one) => one.job === job)?.capWatts).toBe(0);
  expect(capOfFirst()).toBe(before);
});
