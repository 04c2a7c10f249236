import { instant } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { Hub, smallHub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";

function nodeIdsOf(hub: Hub, job: number): readonly string[] {
  const site = known(hub.state.sites.get("hub"), "hub").site;
  return activeAttempts(known(hub.state.jobs.get(job), "job"))
    .flatMap((attempt) => attempt.placement.nodes)
    .map((node) => site.nodes[node]?.id ?? "");
}

describe("an edited site file", () => {
  test("that says the same changes nothing", () => {
    const hub = new Hub();
    const before = stateDigest(hub.state);
    expect(hub.register(`# a remark\n${smallHub()}`)).toEqual({ kind: "done" });
    expect(stateDigest(hub.state)).toBe(before);
  });

  test("that adds racks before what runs: attempts stay on their nodes", () => {
    const hub = new Hub();
    const jobs = [1, 2, 3].map(() => hub.run({ gpusPerNode: 4, nodeCount: 2 }));
    hub.cordon(7);
    const before = jobs.map((job) => nodeIdsOf(hub, job));
    const edited = smallHub().replace("nodes: 2 × h100-8", "nodes: 3 × h100-8");
    expect(hub.register(edited)).toEqual({ kind: "done" });
    expect(jobs.map((job) => nodeIdsOf(hub, job))).toEqual(before);
    const site = known(hub.state.sites.get("hub"), "hub");
    expect(site.site.nodes).toHaveLength(12);
    const cordoned = site.site.nodes.filter((node) => site.nodeFlags[node.index] !== 0);
    expect(cordoned.map((node) => node.id)).toEqual(["hub/sub-1/hall-2/row-1/rack-2/node-2"]);
    hub.finish(known(jobs[0], "job"));
    expect(site.gpusHeld.reduce((sum, count) => sum + count, 0)).toBe(16);
  });

  test("that takes away a node where a job runs is refused, and says which", () => {
    const hub = new Hub();
    const job = hub.run({ nodeCount: 8, gpusPerNode: 1 });
    const before = stateDigest(hub.state);
    const reply = hub.register(smallHub().replace("nodes: 2 × h100-8", "nodes: 1 × h100-8"));
    expect(reply).toMatchObject({ kind: "rejected", code: "site-change-strands-jobs" });
    expect(reply.kind === "rejected" ? reply.message : "").toContain(
      `node hub/sub-1/hall-1/row-1/rack-1/node-2 would be gone, but job ${job} holds GPUs there`,
    );
    expect(stateDigest(hub.state)).toBe(before);
  });

  test("that takes away a node of a gang that has released it: the gang is charged for what it holds", () => {
    const hub = new Hub();
    const job = hub.run({ nodeCount: 2 });
    const key = { job, task: 0, attempt: 1 };
    const heldWatts = (): number | undefined => hub.state.shares.accounts[0]?.held.reservedWatts;
    const whole = known(heldWatts(), "held");
    hub.report(
      {
        kind: "attempt-exited",
        attempt: key,
        outcome: { kind: "failed", category: "node", exitCode: 1 },
      },
      { kind: "stop-confirmed", attempt: key, nodes: [1] },
    );
    expect(heldWatts()).toBe(whole / 2);
    const edited = smallHub().replace("nodes: 2 × h100-8", "nodes: 1 × h100-8");
    expect(hub.register(edited)).toEqual({ kind: "done" });
    expect(heldWatts()).toBe(whole / 2);
    hub.report({ kind: "stop-confirmed", attempt: key, nodes: [0] });
    expect(heldWatts()).toBe(0);
  });

  test("that takes away a lost node is refused: it may still draw power", () => {
    const hub = new Hub();
    const edited = smallHub().replace("nodes: 2 × h100-8", "nodes: 1 × h100-8");
    hub.report({ kind: "node-lost", node: 7 });
    const reply = hub.register(edited);
    expect(reply.kind === "rejected" ? reply.message : "").toContain("confirm its power-off first");
    hub.report({ kind: "node-powered-off", node: 7 });
    expect(hub.register(edited)).toEqual({ kind: "done" });
  });

  test("with a limit below what is in force is refused with file and line", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4 });
    const reply = hub.register(smallHub(30));
    expect(reply.kind === "rejected" ? reply.message : "").toMatch(
      /hub\/sub-1\/hall-1: hub\.yaml:\d+ allows 30000 W, in force are 40000 W/,
    );
  });

  test("that is wrong is refused with all its mistakes", () => {
    const hub = new Hub();
    const reply = hub.register(
      smallHub()
        .replace("limit: 300 kW", "limit: 300")
        .replace("nodes: 2 × h100-8", "nodes: 2 × h200"),
    );
    expect(reply).toMatchObject({ kind: "rejected", code: "invalid-site-file" });
    expect(reply.kind === "rejected" ? reply.message.split("\n").length : 0).toBeGreaterThan(1);
  });

  test("is part of the log: a replay goes through it", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 2 });
    const { entry } = hub.engine.execute({
      kind: "register-site",
      at: instant(hub.nowMs),
      site: "hub",
      file: "hub.yaml",
      text: smallHub(90),
      phases: "built",
    });
    expect(entry.events.map((event) => event.kind)).toEqual(["site-registered"]);
    expect(JSON.stringify(entry.events)).toContain("limit: 90 kW");
  });
});
