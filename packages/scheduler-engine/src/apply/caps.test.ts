import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { stateDigest } from "../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../history/snapshot.ts";
import { cappedHub, Hub, hourMs, startMs } from "../testing/test-hub.ts";
import { getJob } from "../read/jobs/jobs.ts";
import { known } from "../state/assert.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import type { AttemptKey, Observation } from "../words/attempt.ts";

const first: AttemptKey = { job: 1, task: 0, attempt: 1 };
const bending = { flexibilityTier: 25, workloadClass: "straight" } as const;

/** A gang of two nodes runs for an hour at 400 W a GPU. */
function running(): { readonly hub: Hub; readonly idleWatts: number; readonly fullWatts: number } {
  const hub = new Hub(cappedHub());
  const idleWatts = hub.feedWatts();
  hub.run({ ...bending, nodeCount: 2 });
  expect(hub.feedWatts()).toBe(idleWatts + 2 * 3_200);
  return { hub, idleWatts, fullWatts: hub.feedWatts() };
}

function attemptOf(hub: Hub): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(1), "job"))[0], "attempt");
}

function applied(order: number, capWatts: number, nodes: readonly number[] = []): Observation {
  return { kind: "cap-applied", attempt: first, nodes, capWatts, order };
}

test("a lowering frees watts node by node, as each acknowledges", () => {
  const { hub, fullWatts } = running();
  hub.setCap(first, 300, startMs + 2 * hourMs);
  expect(hub.feedWatts()).toBe(fullWatts);
  hub.report(applied(1, 300, [1]));
  expect(hub.feedWatts()).toBe(fullWatts - 800);
  hub.report(applied(1, 300, [1]));
  hub.report(applied(1, 300));
  expect(hub.feedWatts()).toBe(fullWatts - 1_600);
});

test("word of another order or cap frees nothing, and a lost node says nothing", () => {
  const { hub, fullWatts } = running();
  hub.setCap(first, 300, startMs + 2 * hourMs);
  hub.report(applied(0, 300), applied(2, 300), applied(1, 299));
  expect(hub.feedWatts()).toBe(fullWatts);
  hub.setCap(first, 250, startMs + 2 * hourMs);
  // The node may go down to 300 W now; that it will go on to 250 W is not said yet.
  hub.report(applied(1, 300));
  expect(hub.feedWatts()).toBe(fullWatts);
  hub.report({ kind: "node-lost", node: 1 });
  hub.report(applied(2, 250));
  expect(hub.feedWatts()).toBe(fullWatts - 8 * 150);
});

test("a raise is in force at once, also on nodes that have not acknowledged the lowering before", () => {
  const { hub, fullWatts } = running();
  hub.setCap(first, 250, startMs + 2 * hourMs);
  hub.report(applied(1, 250, [0]));
  hub.setCap(first, 300, startMs + 2 * hourMs);
  // Node 0 may draw up to 300 W now, node 1 still up to 400 W.
  expect(hub.feedWatts()).toBe(fullWatts - 8 * 100);
  hub.report(applied(1, 250, [1]));
  expect(hub.feedWatts()).toBe(fullWatts - 8 * 100);
  hub.report(applied(2, 300));
  expect(hub.feedWatts()).toBe(fullWatts - 16 * 100);
  hub.setCap(first, 0, startMs + hourMs);
  expect(hub.feedWatts()).toBe(fullWatts);
});

test("the bound of an ended gang goes with its last confirmation, capped or not", () => {
  const { hub, idleWatts } = running();
  hub.setCap(first, 300, startMs + 2 * hourMs);
  hub.report(applied(1, 300, [0]));
  hub.finish(1);
  expect(hub.feedWatts()).toBe(idleWatts);
});

test("the end of the walltime moves with the cap, and a timer that rings too early is ignored", () => {
  const { hub } = running();
  hub.wait(hourMs / 2);
  hub.setCap(first, 200, startMs + hourMs / 2 + hourMs);
  expect([attemptOf(hub).workLeftMs, attemptOf(hub).endsByMs]).toEqual([
    hourMs / 2,
    startMs + 1.5 * hourMs,
  ]);
  hub.wait(hourMs / 2);
  expect(attemptOf(hub)).toMatchObject({ phase: "starting", isWarned: false });
  // A quarter is left, and takes a quarter at full speed.
  hub.setCap(first, 0, startMs + 1.25 * hourMs);
  hub.wait(hourMs / 4 - 1);
  expect(attemptOf(hub)).toMatchObject({ phase: "starting", isWarned: true });
  hub.wait(1);
  expect(attemptOf(hub)).toMatchObject({ phase: "stopping", stopReason: "walltime" });
});

test("what caps did is there again after a restart", () => {
  const { hub } = running();
  hub.wait(hourMs / 4);
  hub.setCap(first, 300, startMs + 1.25 * hourMs);
  hub.report(applied(1, 300, [1]));
  hub.wait(hourMs / 8);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const again = new Engine(hub.engine.limits, reader.finish());
  expect(stateDigest(again.state)).toBe(stateDigest(hub.state));
  const site = known(again.state.sites.get("hub"), "hub");
  expect([...(site.horizons[0]?.load ?? [])]).toEqual([
    ...(known(hub.state.sites.get("hub"), "hub").horizons[0]?.load ?? []),
  ]);
  // Timers that ring too early are not set again.
  const timers = { endTimerMs: startMs + 1.25 * hourMs, warningTimerMs: expect.any(Number) };
  expect(site.attempts.values().next().value).toEqual({ ...attemptOf(hub), ...timers });
});

test("a checkpointed stop keeps the work done until the stop was asked for", () => {
  const hub = new Hub(cappedHub());
  const checkpoint = { save: milliseconds(60_000), restore: milliseconds(120_000) };
  hub.run({ ...bending, preemptible: true, checkpoint });
  hub.wait(hourMs / 4);
  const at = instant(hub.nowMs);
  hub.engine.replay({
    at,
    command: { kind: "place", at },
    events: [{ kind: "stop-requested", attempt: first, reason: "preemption" }],
  });
  hub.wait(60_000);
  const checkpointed = { kind: "checkpointed", attempt: first } as const;
  hub.report(checkpointed, checkpointed);
  expect(hub.state.jobs.get(1)?.tries?.get(0)?.workDoneMs).toBe(hourMs / 4);
  hub.finish(1, 0, 143);
  hub.place();
  // Three quarters are left, and the work must be taken up again.
  expect(attemptOf(hub)).toMatchObject({ attempt: 2, workMs: 0.75 * hourMs + 120_000 });
  // While it reads its checkpoint back it does no work, for its owner neither.
  const shownMs = (): number | undefined => getJob(hub.state, 1)?.workDoneMs;
  hub.wait(60_000);
  expect(shownMs()).toBe(hourMs / 4);
  hub.wait(hourMs / 4);
  expect(shownMs()).toBeGreaterThan(hourMs / 4);
  expect(shownMs()).toBeLessThan(hourMs / 2);
});
