import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../../engine.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { findAttempt } from "../../state/job.ts";
import { nodeLost, nodeOff } from "../../state/site-state.ts";
import { known } from "../../state/assert.ts";
import { lostNodes, nodesUp } from "../../read/power/lost-nodes.ts";
import { getNode } from "../../read/power/nodes.ts";
import { cappedHub } from "../../testing/test-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";

const dead = 7;
const wholeHub = { nodeCount: 7, walltime: milliseconds(3_600_000) };

/** Nodes off for a curtailment that is over, and woken; one of them does not come up. */
function woken(): SleepingHub {
  const hub = new SleepingHub(cappedHub());
  hub.unwakeable.add(dead);
  hub.runOne();
  hub.schedule(hub.less(13_000, { ramp: milliseconds(0) }));
  hub.pass(25 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  expect(flagsOf(hub) & nodeOff).toBe(nodeOff);
  for (let second = 0; second < 600 && flagsOf(hub) !== 0; second += 1) {
    hub.pass(1);
  }
  expect(flagsOf(hub)).toBe(0);
  return hub;
}

function flagsOf(hub: SleepingHub): number {
  return known(hub.flags[dead], "flags of a node");
}

function idleWattsOf(hub: SleepingHub): number {
  return known(hub.state.sites.get("hub")?.horizons[0]?.nodeWatts[dead], "watts of a node");
}

/** What did not wake is off for sure, and ten minutes later tried again. */
function triedAgain(): SleepingHub {
  const hub = woken();
  hub.pass(5 * 60);
  hub.report({ kind: "node-powered-off", node: dead });
  expect(idleWattsOf(hub)).toBe(0);
  hub.pass(9 * 60);
  expect(flagsOf(hub)).toBe(nodeOff);
  hub.pass(60);
  return hub;
}

function pathOf(hub: SleepingHub): string {
  return known(hub.state.sites.get("hub")?.site.nodes[dead], "node").id;
}

test("a node that is not up in its time is lost: its job is started elsewhere or waits, its power-off is wanted, and it is said", () => {
  const hub = woken();
  const job = hub.run(wholeHub);
  expect(known(hub.state.jobs.get(job), "job").runningCount).toBe(1);
  hub.pass(3 * 60);
  expect(flagsOf(hub)).toBe(0);
  hub.pass(2 * 60);
  expect(flagsOf(hub)).toBe(nodeLost);
  expect(lostNodes(hub.state, "hub")).toEqual([dead]);
  expect(getNode(hub.state, pathOf(hub))).toMatchObject({ state: "lost", isUnwoken: true });
  expect(hub.flags.filter((flags) => flags !== 0)).toHaveLength(1);
});

test("nobody is promised a node that did not wake, until it is up", () => {
  const hub = triedAgain();
  expect(flagsOf(hub)).toBe(nodeLost);
  const job = hub.run(wholeHub);
  const promised = known(hub.state.sites.get("hub"), "site").pools.flatMap(
    (pool) => pool.reservations,
  );
  expect(known(hub.state.jobs.get(job), "job").runningCount).toBe(0);
  expect(promised.some(({ nodes }) => nodes.includes(dead))).toBe(false);
  hub.report({ kind: "node-ready", node: dead });
  hub.place();
  expect(known(hub.state.jobs.get(job), "job").runningCount).toBe(1);
});

test("it is tried again with its idle watts, and wanted on; what comes up then is as others", () => {
  const hub = triedAgain();
  expect(idleWattsOf(hub)).toBe(2_000);
  expect(nodesUp(hub.state, "hub")).toContain(dead);
  expect(lostNodes(hub.state, "hub")).not.toContain(dead);
  hub.unwakeable.clear();
  hub.pass(1);
  expect(flagsOf(hub)).toBe(0);
  expect(getNode(hub.state, pathOf(hub))).toMatchObject({ state: "ready", isUnwoken: false });
});

test("tried in vain its power-off is wanted again, and it is tried once more", () => {
  const hub = triedAgain();
  hub.pass(5 * 60);
  expect(lostNodes(hub.state, "hub")).toEqual([dead]);
  hub.report({ kind: "node-powered-off", node: dead });
  hub.pass(10 * 60);
  expect(nodesUp(hub.state, "hub")).toContain(dead);
});

test("it is not tried where its idle watts have no room, and is as soon as they do", () => {
  const hub = woken();
  hub.pass(5 * 60);
  hub.report({ kind: "node-powered-off", node: dead });
  hub.budget("feed", "hub", hub.feedWatts() + 500, [hub.nowMs]);
  hub.pass(15 * 60);
  expect(flagsOf(hub)).toBe(nodeOff);
  hub.budget("feed", "hub", 300_000, [hub.nowMs]);
  hub.pass(60);
  expect(flagsOf(hub)).toBe(nodeLost);
});

test("a program that runs is an answer, too", () => {
  const hub = woken();
  const job = hub.run(wholeHub);
  const { attempt } = known(findAttempt(known(hub.state.jobs.get(job), "job"), 0, 1), "attempt");
  hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt } });
  hub.pass(10 * 60);
  expect(flagsOf(hub)).toBe(0);
});

test("a cluster that does not answer has its time once it is back", () => {
  const hub = woken();
  hub.report({ kind: "cluster-away" });
  hub.pass(30 * 60);
  hub.report({ kind: "cluster-back" });
  hub.pass(3 * 60);
  expect(flagsOf(hub)).toBe(0);
  hub.pass(2 * 60);
  expect(flagsOf(hub)).toBe(nodeLost);
});

test("a snapshot keeps who is to answer, and who did not wake", () => {
  const restored = (hub: SleepingHub): Engine => {
    const reader = new SnapshotReader();
    for (const chunk of encodeSnapshot(hub.state)) {
      reader.add(chunk);
    }
    return new Engine(hub.engine.limits, reader.finish());
  };
  const awaited = woken();
  const next = restored(awaited);
  next.execute({ kind: "tick", at: instant(awaited.nowMs + 5 * 60_000) });
  expect(lostNodes(next.state, "hub")).toContain(dead);
  const tried = restored(triedAgain());
  expect(nodesUp(tried.state, "hub")).toContain(dead);
  expect(known(tried.state.sites.get("hub"), "site").unwoken.has(dead)).toBe(true);
});

test("a node that an older log woke without room for it comes free as those that did not wake", () => {
  const hub = new SleepingHub(cappedHub());
  hub.runOne();
  const at = instant(hub.nowMs);
  const of = { site: "hub", node: dead } as const;
  hub.engine.replay({
    at,
    command: { kind: "tick", at },
    events: [
      { kind: "node-sleep-requested", site: "hub", nodes: [dead] },
      { kind: "node-powered-off", ...of, confirmedBy: "executor" },
      { kind: "node-wake-requested", site: "hub", nodes: [dead] },
    ],
  });
  expect(flagsOf(hub)).toBe(nodeOff);
  hub.pass(10 * 60 + 2);
  expect(flagsOf(hub)).toBe(0);
});
