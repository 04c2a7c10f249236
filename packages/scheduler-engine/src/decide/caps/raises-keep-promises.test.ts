import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { assert, known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { attemptOf, schedule } from "../../testing/test-full-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** Half of three nodes: the whole of them takes more watts. */
const halves: Partial<JobSpec> = {
  nodeCount: 3,
  gpusPerNode: 4,
  walltime: milliseconds(2 * hourMs),
};

function keptFor(hub: Hub, job: number): Reservation {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap((pool) => pool.reservations).find((one) => one.job === job);
  return known(kept, "what is kept for the job");
}

/** An emergency in the first hall. */
function shedHall(hub: Hub, changes: Partial<Curtailment>): void {
  const site = known(hub.state.sites.get("hub"), "hub");
  const hall = known(
    site.site.domains.find(({ id }) => id.endsWith("hall-1")),
    "hall",
  );
  expect(schedule(hub, { domain: hall.id, ...changes })).toEqual({ kind: "done" });
  acknowledge(hub);
}

/** Everybody acknowledges, and a pass is made as often as one is due, up to a moment. */
function playTo(hub: Hub, untilMs: number): void {
  for (; hub.nowMs < untilMs; hub.wait(minuteMs)) {
    acknowledge(hub);
    hub.place();
  }
  hub.place();
}

test("after an emergency caps rise only as far as they leave a promised start its watts", () => {
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + 4 * 3_200 + 3 * 1_600, [startMs]);
  const bent = hub.run({ ...bending, nodeCount: 4 });
  const first = hub.run(halves);
  shedHall(hub, { target: watts(14_400), end: instant(startMs + hourMs / 2) });
  expect(attemptOf(hub, bent).capWatts).toBe(200);
  const head = hub.run({ nodeCount: 3 });
  const { startAtMs } = keptFor(hub, head);
  assert(startAtMs < startMs + 3 * hourMs, "it is promised a start soon after the first");
  playTo(hub, startMs + hourMs);
  // (17,600 − 3 × 3,200) W for its 32 GPUs are what the head leaves it.
  expect(attemptOf(hub, bent).capWatts).toBe(250);
  hub.finish(first);
  playTo(hub, startAtMs);
  expect(attemptOf(hub, head).startedAtMs).toBeLessThanOrEqual(startAtMs);
});

test.each([
  // What 24 GPUs may have beside the 3 × 3,200 W of the head.
  ["hardly", 14_800, 216],
  ["half of the way", 16_900, 304],
])(
  "while a target is steered to, caps rise %s, as far as they leave a promised start its watts",
  (_, eveningWatts, capWatts) => {
    const hub = new MeteredHub();
    hub.budget("evening", "hub", hub.feedWatts() + eveningWatts, [startMs + 2 * hourMs + minuteMs]);
    const bent = hub.run({ ...bending, nodeCount: 3 });
    const short = hub.run({ nodeCount: 1 });
    const first = hub.run(halves);
    const target = { domain: hub.hall("hall-1"), target: watts(15_850) };
    expect(hub.curtail("noon", target)).toEqual({ kind: "done" });
    hub.playUntil(startMs + 30 * minuteMs);
    assert(attemptOf(hub, bent).capWatts < 215, "it is lowered to about half");
    const head = hub.run({ nodeCount: 3 });
    const { startAtMs } = keptFor(hub, head);
    assert(startAtMs < startMs + 3 * hourMs, "it is promised a start soon after the first");
    hub.finish(short);
    hub.playUntil(startAtMs - minuteMs);
    expect(attemptOf(hub, bent).capWatts).toBe(capWatts);
    hub.finish(first);
    hub.playUntil(startAtMs);
    expect(attemptOf(hub, head).startedAtMs).toBeLessThanOrEqual(startAtMs);
  },
);

test("watts that a raise may not take are for others who are steered to the same target", () => {
  const hub = new MeteredHub();
  const [held, free] = [
    hub.run({ ...bending, nodeCount: 4 }),
    hub.run({ ...bending, nodeCount: 4 }),
  ];
  const end = (hours: number): Partial<Curtailment> => ({ end: instant(startMs + hours * hourMs) });
  expect(hub.curtail("noon", { target: watts(30_000), ...end(1) })).toEqual({ kind: "done" });
  expect(hub.curtail("day", { target: watts(34_000), ...end(3) })).toEqual({ kind: "done" });
  hub.playUntil(startMs + 50 * minuteMs);
  const floors = attemptOf(hub, held).capWatts;
  assert(floors > 200 && floors < 230, "both are lowered to about half");
  // 8 kW idle and 230 W for each of its 32 GPUs.
  hub.budget("evening", hub.hall("hall-1"), 15_360, [startMs + 5 * hourMs]);
  hub.playUntil(startMs + 2 * hourMs);
  expect(attemptOf(hub, held).capWatts).toBeLessThanOrEqual(230);
  // (34,000 − 17,000) W ÷ 0.95 for 64 GPUs but for the margin, less what the others have.
  expect(attemptOf(hub, free).capWatts).toBeGreaterThan(315);
});

test("a start beside a curtailed hall is promised the watts that the hall's caps really leave", () => {
  const hub = new Hub(cappedHub());
  hub.budget("sub", "hub/sub-1", hub.feedWatts() + 4 * 3_200 + 3 * 1_600, [startMs]);
  const bent = hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(3 * hourMs) });
  const first = hub.run(halves);
  // It may keep 300 W, and would go down to 200 W.
  shedHall(hub, { target: watts(17_600), end: instant(startMs + 10 * hourMs) });
  expect(attemptOf(hub, bent).capWatts).toBe(300);
  const head = hub.run({ nodeCount: 3 });
  const { startAtMs } = keptFor(hub, head);
  playTo(hub, startMs + 2 * hourMs);
  hub.finish(first);
  playTo(hub, startMs + 4 * hourMs);
  hub.finish(bent);
  playTo(hub, startAtMs);
  expect(attemptOf(hub, head).startedAtMs).toBeLessThanOrEqual(startAtMs);
});
