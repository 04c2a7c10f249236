import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { planJob } from "../../read/explain/plan.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { Hub, hourMs, smallHub, spec } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";

/** A start of one node adds 8 kW. */
const ramped = smallHub().replace(
  "feed:\n  limit: 300 kW",
  "feed:\n  limit: 300 kW\n  ramp: 20 kW/min over 60 s",
);

function runningCount(hub: Hub): number {
  return [...hub.state.jobs.after(0)].reduce((sum, job) => sum + job.runningCount, 0);
}

/** Ticks and passes as they fall due, for so long. */
function pass(hub: Hub, ms: number): readonly number[] {
  const endMs = hub.nowMs + ms;
  const counts: number[] = [];
  while (hub.nowMs < endMs) {
    hub.wait(1000);
    while (hub.engine.needsPass) {
      hub.place();
    }
    counts.push(runningCount(hub));
  }
  return counts;
}

test("the first pass after a restart comes to rest at its own moment", () => {
  const hub = new Hub(ramped);
  hub.submit();
  hub.engine.execute({ kind: "restart", at: instant(hub.nowMs) });
  hub.place();
  expect(hub.engine.needsPass).toBe(false);
  expect(hub.engine.nextTickAtMs()).toBeGreaterThan(hub.nowMs);
});

test("starts come as the ramp allows, all in the end, and the mean never rises faster", () => {
  const hub = new Hub(ramped);
  for (let count = 0; count < 8; count += 1) {
    hub.submit({ walltime: milliseconds(5 * hourMs) });
  }
  const steps: { atMs: number; watts: number; settleMs: number; cause: "planned" }[] = [];
  let before = hub.feedWatts();
  for (let second = 0; second < 600; second += 1) {
    pass(hub, 1000);
    const watts = hub.feedWatts() - before;
    before += watts;
    if (watts !== 0) {
      steps.push({ atMs: hub.nowMs, watts, settleMs: 0, cause: "planned" });
    }
  }
  expect(runningCount(hub)).toBe(8);
  expect(steps.length).toBeGreaterThan(2);
  const limit = { watts: 20_000, perMs: 60_000, windowMs: 60_000 };
  expect(reportRamp(limit, steps).overSecondCount).toBe(0);
  // 64 kW at 20 kW a minute, a start settling within half a minute.
  expect((known(steps.at(-1), "step").atMs - known(steps[0], "step").atMs) / 60_000).toBeLessThan(
    6,
  );
});

test("who waits for the ramp is not passed by smaller ones", () => {
  const hub = new Hub(ramped);
  hub.run({ walltime: milliseconds(5 * hourMs) });
  const big = hub.run({ nodeCount: 2, walltime: milliseconds(5 * hourMs) });
  expect(hub.state.jobs.get(big)?.runningCount).toBe(0);
  const small = hub.run({ gpusPerNode: 1 });
  expect(hub.state.jobs.get(small)?.runningCount).toBe(0);
  pass(hub, 120_000);
  expect([big, small].map((job) => hub.state.jobs.get(job)?.runningCount)).toEqual([1, 1]);
});

test("an end makes room for a start, and a restart forgets nothing of it", () => {
  const hub = new Hub(ramped);
  const first = hub.run();
  const second = hub.run();
  expect(runningCount(hub)).toBe(2);
  const third = hub.run();
  expect(hub.state.jobs.get(third)?.runningCount).toBe(0);
  hub.wait(1000);
  hub.finish(first);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const restored = reader.finish();
  expect(stateDigest(restored)).toBe(stateDigest(hub.state));
  const ledger = restored.ramps.get("hub")?.budget.ledgers[0];
  expect(ledger?.steps.map(({ cause }) => cause)).toEqual(["planned", "unplanned"]);
  expect(restored.ramps.get("hub")?.tallies[0]).toMatchObject({
    unplannedCount: 1,
    unplannedWatts: 8_000 * known(restored.sites.get("hub")?.site.domains[0], "feed").loadScale,
    unplannedOverCount: 0,
  });
  hub.place();
  expect(hub.state.jobs.get(third)?.runningCount).toBe(1);
  expect(second).toBeGreaterThan(0);
});

test("a gang that is larger than the ramp allows at once starts when the domain is quiet", () => {
  const hub = new Hub(ramped);
  const gang = hub.run({ nodeCount: 4 });
  expect(hub.state.jobs.get(gang)?.runningCount).toBe(1);
  const steps = hub.state.ramps.get("hub")?.budget.ledgers[0]?.steps;
  expect(steps?.map(({ cause }) => cause)).toEqual(["unplanned"]);
  const next = hub.run({ nodeCount: 4 });
  pass(hub, 100_000);
  expect(hub.state.jobs.get(next)?.runningCount).toBe(0);
  const why = known(explainJob(hub.state, next), "explanation");
  expect(explanationSentence(why, { time: () => "then" })).toMatch(
    /^waits for a ramp: hub may change by 20.0 kW a minute on means over 1 min, 20.0 kW at once at most; its start adds 32.0 kW even so, and is counted as unplanned; possible at then, when its other changes are over/,
  );
  pass(hub, 60_000);
  expect(hub.state.jobs.get(next)?.runningCount).toBe(1);
});

test("a dry run says where a start passes the limit of a ramp, whenever it is made", () => {
  const hub = new Hub(ramped);
  const planOf = (nodeCount: number): ReturnType<typeof planJob> =>
    planJob(hub.state, hub.engine.limits, spec({ nodeCount }), "aida");
  const beyondRamp = { domain: "hub", neededWatts: 32_000, mostWatts: 20_000 };
  expect(planOf(4)).toMatchObject({ kind: "start-now", beyondRamp });
  expect(planOf(2)).toMatchObject({ kind: "start-now", beyondRamp: undefined });
});

test("a limit a second holds within the minute", () => {
  // At once ten times its watts, and no more within the ten seconds.
  const hub = new Hub(ramped.replace("20 kW/min over 60 s", "900 W/s over 10 s"));
  expect([hub.run(), hub.run()].length).toBe(2);
  expect(runningCount(hub)).toBe(1);
  const why = known(explainJob(hub.state, 2), "explanation");
  expect(why.ramp).toMatchObject({ limitWatts: 900, perMs: 1000, windowMs: 10_000 });
  expect(explanationSentence(why, { time: () => "then" })).toMatch(
    /hub may change by 900 W a second on means over 10 s, so 1.00 kW may be added now, needs 8.00 kW/,
  );
  const counts = pass(hub, 60_000);
  expect(counts.at(-1)).toBe(2);
  // The first settles within half a minute.
  expect(counts.indexOf(2)).toBeGreaterThanOrEqual(9);
});

test("a dry run looks from the moment at which it is asked for, also where nothing has happened since", () => {
  const hub = new Hub(ramped);
  hub.run({ nodeCount: 2 });
  const planAt = (ms: number): ReturnType<typeof planJob> =>
    planJob(hub.engine.stateAt(hub.nowMs + ms), hub.engine.limits, spec({ nodeCount: 2 }), "aida");
  expect(planAt(0)).toMatchObject({ kind: "waits" });
  const halfMs = hourMs / 2;
  expect(planAt(halfMs)).toMatchObject({ kind: "start-now", endsByMs: hub.nowMs + 3 * halfMs });
  expect(hub.state.nowMs).toBe(hub.nowMs);
});

test("an edited site file makes a ramp forget nothing", () => {
  const hub = new Hub(ramped);
  hub.run();
  hub.run();
  hub.wait(1000);
  hub.register(ramped.replace("title: A small site", "title: Another name"));
  const third = hub.run();
  expect(hub.state.jobs.get(third)?.runningCount).toBe(0);
  pass(hub, 120_000);
  expect(hub.state.jobs.get(third)?.runningCount).toBe(1);
});

test("who waits for a ramp is told which, how much and until when; others, for whom", () => {
  const hub = new Hub(ramped);
  hub.run({ walltime: milliseconds(5 * hourMs) });
  const big = hub.run({ nodeCount: 2, walltime: milliseconds(5 * hourMs) });
  const small = hub.run();
  const why = known(explainJob(hub.state, big), "explanation");
  expect(why.reason).toBe("power-limit");
  expect(why.ramp).toMatchObject({
    domain: "hub",
    limitWatts: 20_000,
    perMs: 60_000,
    windowMs: 60_000,
  });
  expect(why.ramp).toMatchObject({ neededWatts: 16_000, roomWatts: 12_000 });
  const time = (ms: number): string => `+${(ms - hub.nowMs) / 1000} s`;
  expect(explanationSentence(why, { time })).toMatch(
    /^waits for a ramp: hub may change by 20.0 kW a minute on means over 1 min, so 12.0 kW may be added now, needs 16.0 kW; possible at \+\d+ s/,
  );
  const other = known(explainJob(hub.state, small), "explanation");
  expect([other.reason, other.head?.job]).toEqual(["behind-others", big]);
  const dry = planJob(hub.state, hub.engine.limits, spec(), "aida");
  expect(dry.kind).toBe("waits");
  pass(hub, (why.ramp?.atMs ?? 0) - hub.nowMs);
  expect(hub.state.jobs.get(big)?.runningCount).toBe(1);
});
