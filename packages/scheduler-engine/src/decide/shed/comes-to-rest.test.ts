import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptOf, bending, capped, fullHub, schedule } from "../../testing/test-full-hub.ts";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  startMs,
} from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { known } from "../../state/assert.ts";

/** Nodes answer one after another, and what is to be done after each answer is done. */
function settleOneByOne(hub: Hub, each?: () => void): void {
  for (let count = 0; count < 30; count += 1) {
    const pending = attemptsOf(hub).filter(({ capInForce }) => capInForce !== undefined);
    const [first, ...others] = pending;
    if (first === undefined) {
      return;
    }
    acknowledge(hub, ...others.flatMap(({ heldNodes }) => heldNodes));
    for (let pass = 0; pass < 10 && hub.engine.needsPass; pass += 1) {
      hub.place();
    }
    hub.nowMs += 10;
    each?.();
  }
}

test("what others make room with for a job below its floor is not taken by their own caps again", () => {
  const hub = fullHub({ ...bending, flexibilityTier: 25 });
  const end = instant(hub.nowMs + hourMs);
  const domain = known(hub.state.sites.get("hub"), "site").site.domains.find(({ id }) =>
    id.endsWith("hall-1"),
  );
  const reply = schedule(hub, { domain: known(domain, "hall").id, target: watts(19_700), end });
  expect(reply).toEqual({ kind: "done" });
  settleOneByOne(hub);
  const low = attemptsOf(hub).find(({ heldNodes }) => heldNodes.includes(0));
  const job = known(low, "who runs in the hall").job;
  const elsewhere = attemptsOf(hub)
    .filter(({ heldNodes }) => (heldNodes[0] ?? 0) >= 4)
    .map((one) => one.job);
  // As if its floor had waited for others, elsewhere.
  capped(hub, [[job, 225], ...elsewhere.map((one): [number, number] => [one, 335])]);
  // It needs 1.2 kW, and less is free.
  const budgetWatts = hub.feedWatts() + 600;
  hub.budget("feed", "hub", budgetWatts, [startMs]);
  hub.wait(10_000);
  settleOneByOne(hub, () => {
    const lackingWatts = 16 * Math.max(0, 300 - attemptOf(hub, job).capWatts);
    expect(hub.feedWatts() + lackingWatts).toBeLessThanOrEqual(budgetWatts);
  });
  expect(attemptOf(hub, job).capWatts).toBeGreaterThanOrEqual(300);
});

test("nobody is lowered for a paused job that has no nodes to come back to", () => {
  const hub = new MeteredHub();
  const walltime = milliseconds(5 * hourMs);
  const gang = hub.run({ ...pausing, nodeCount: 4, walltime });
  const bent = hub.run({ ...bending, nodeCount: 2, walltime });
  hub.beginAll();
  const emergency = { mode: "emergency", ramp: milliseconds(0) } as const;
  hub.playUntil(startMs + minuteMs);
  hub.curtail("first", {
    ...emergency,
    domain: hub.hall("hall-1"),
    target: watts(10_000),
    start: instant(hub.nowMs),
    end: instant(hub.nowMs + 10 * minuteMs),
    giveUp: [50],
  });
  hub.playUntil(startMs + 5 * minuteMs);
  expect([...hub.state.curtailments.paused.values()].map((one) => one.job)).toEqual([gang]);
  // With a node of its own it would come back at its lowest cap, and the other would make room for it.
  hub.cordon(0, 1, 2);
  hub.budget("feed", "hub", 17_000 + 6_400 + 4_600, [hub.nowMs]);
  const reply = hub.curtail("second", {
    ...emergency,
    domain: hub.hall("hall-2"),
    target: watts(13_000),
    start: instant(hub.nowMs),
  });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(startMs + 12 * minuteMs);
  const seen = new Set<number>();
  hub.playUntil(startMs + 20 * minuteMs, () => seen.add(attemptOf(hub, bent).capWatts));
  expect([...hub.state.curtailments.paused.values()]).toMatchObject([{ isReturning: true }]);
  expect([...seen]).toEqual([0]);
});

/** In the first rack a job that takes no caps, and a budget that it does not keep whatever others do. */
function budgetInVain(): Hub {
  const hub = new Hub(cappedHub());
  hub.run({ walltime: milliseconds(10 * hourMs) });
  const { site, nodeDomain } = known(hub.state.sites.get("hub"), "site");
  const rack = nodeDomain[attemptOf(hub, 1).heldNodes[0] ?? -1] ?? -1;
  hub.budget("vain", known(site.domains[rack], "rack").id, 5_000, [startMs + minuteMs]);
  return hub;
}

const long = { ...bending, walltime: milliseconds(10 * hourMs) };

test("a budget that is not kept lowers nobody elsewhere for the speed of others", () => {
  const hub = budgetInVain();
  const slow = hub.run({ ...long, nodeCount: 2, priorityClass: "urgent" });
  const fast = hub.run({ ...long, nodeCount: 2, priorityClass: "low" });
  capped(hub, [[slow, 200]]);
  hub.budget("full", "hub", hub.feedWatts(), [hub.nowMs]);
  hub.wait(minuteMs);
  settleOneByOne(hub);
  expect([slow, fast].map((job) => attemptOf(hub, job).capWatts)).toEqual([200, 0]);
});

test("a lost supply lowers nobody elsewhere for the speed of others, and who is slow has what it frees", () => {
  const hub = new Hub(cappedHub());
  const below = hub.run({ ...long, nodeCount: 2, priorityClass: "urgent" });
  const slow = hub.run({ ...long, nodeCount: 2, priorityClass: "urgent" });
  const fast = hub.run({ ...long, nodeCount: 2, priorityClass: "low" });
  capped(hub, [[slow, 200]]);
  hub.budget("full", "hub", hub.feedWatts(), [hub.nowMs]);
  const { nodeDomain } = known(hub.state.sites.get("hub"), "site");
  const rack = nodeDomain[attemptOf(hub, below).heldNodes[0] ?? -1] ?? -1;
  // Two nodes, 100 W less for each of their GPUs.
  hub.report({ kind: "supply-lost", domain: rack, remaining: watts(2 * 5_200 - 1_600) });
  settleOneByOne(hub);
  expect([below, slow, fast].map((job) => attemptOf(hub, job).capWatts)).toEqual([300, 300, 0]);
});

test("who was lowered for a budget rises once his nodes have answered, though another budget is not kept", () => {
  const hub = budgetInVain();
  const bent = hub.run({ ...long, nodeCount: 2 });
  const rigid = hub.run({ nodeCount: 2 });
  // For the same minute, 1.6 kW too little.
  hub.budget("full", "hub", hub.feedWatts() - 1_600, [startMs + minuteMs]);
  hub.wait(minuteMs);
  expect(attemptOf(hub, bent).capWatts).toBe(300);
  hub.finish(rigid);
  hub.place();
  expect(attemptOf(hub, bent).capWatts).toBe(300);
  acknowledge(hub);
  hub.place();
  expect(attemptOf(hub, bent).capWatts).toBe(0);
});
