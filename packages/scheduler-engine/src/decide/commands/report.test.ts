import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { lostNodes } from "../../read/power/lost-nodes.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";

function heldGpus(hub: Hub): readonly number[] {
  return [...known(hub.state.sites.get("hub"), "hub").gpusHeld];
}

test("a confirmation that names a node twice lets go of it once", () => {
  const hub = new Hub();
  const job = hub.run({ nodeCount: 2, gpusPerNode: 4 });
  hub.change("cancel-jobs", [job]);
  hub.report({
    kind: "stop-confirmed",
    attempt: { job, task: 0, attempt: 1 },
    nodes: [1, 1],
  });
  expect(heldGpus(hub)).toEqual([4, 0, 0, 0, 0, 0, 0, 0]);
});

test("a lost node keeps its bound until its power-off, whatever else is confirmed", () => {
  const hub = new Hub();
  const job = hub.run({ nodeCount: 2, gpusPerNode: 8 });
  const attempt = { job, task: 0, attempt: 1 };
  hub.report({ kind: "node-lost", node: 1 });
  hub.report({ kind: "stop-confirmed", attempt, nodes: [] });
  expect(heldGpus(hub)).toEqual([0, 8, 0, 0, 0, 0, 0, 0]);
  hub.report({ kind: "stop-confirmed", attempt, nodes: [1] });
  expect(heldGpus(hub)).toEqual([0, 8, 0, 0, 0, 0, 0, 0]);
  hub.report({ kind: "node-powered-off", node: 1 });
  expect(heldGpus(hub)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a confirmation of a stop that nobody asked for, from an attempt that has not ended, is nothing", () => {
  const hub = new Hub();
  const job = hub.run({ nodeCount: 2, gpusPerNode: 4 });
  hub.report({ kind: "stop-confirmed", attempt: { job, task: 0, attempt: 1 }, nodes: [] });
  expect(heldGpus(hub)).toEqual([4, 4, 0, 0, 0, 0, 0, 0]);
});

test("while its cluster does not answer nothing starts on a site, no bound falls, and `why` says so", () => {
  const hub = new Hub();
  const first = hub.run();
  hub.report({ kind: "cluster-away" });
  const second = hub.run();
  expect(hub.state.jobs.get(second)?.runningCount).toBe(0);
  expect(heldGpus(hub)).toEqual([8, 0, 0, 0, 0, 0, 0, 0]);
  expect(explainJob(hub.state, second)).toMatchObject({ reason: "nodes-unavailable" });
  hub.report({ kind: "cluster-away" });
  hub.report({ kind: "cluster-back" });
  hub.place();
  expect(hub.state.jobs.get(second)?.runningCount).toBe(1);
  expect(hub.state.jobs.get(first)?.runningCount).toBe(1);
});

test("a node that sleeps to save watts does not come back before it is woken", () => {
  const hub = new Hub();
  const at = instant(hub.nowMs);
  const change = (kind: "node-sleep-requested" | "node-wake-requested"): void => {
    const event = { kind, site: "hub", nodes: [0] };
    hub.engine.replay({ at, command: { kind: "tick", at }, events: [event] });
  };
  change("node-sleep-requested");
  expect(lostNodes(hub.state, "hub")).toEqual([0]);
  hub.report({ kind: "node-powered-off", node: 0 });
  const asleepWatts = hub.feedWatts();
  hub.report({ kind: "node-ready", node: 0 });
  expect([hub.feedWatts(), lostNodes(hub.state, "hub")]).toEqual([asleepWatts, []]);
  change("node-wake-requested");
  hub.report({ kind: "node-ready", node: 0 });
  expect(hub.feedWatts()).toBe(asleepWatts + 2_000);
});
