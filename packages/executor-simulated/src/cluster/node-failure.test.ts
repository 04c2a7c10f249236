import { describe, expect, test } from "vitest";
import { change, keyOf, startMs, testSite, wish } from "../test-site.ts";
import type { Physics } from "./physics.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";
import { allReports, takeReports } from "./test-reports.ts";

function newCluster(physics: Partial<Physics>): SimulatedCluster {
  return createSimulatedCluster({ site: testSite, seed: 7, startMs, physics });
}

const hourMs = 3_600_000;

describe("a failing node", () => {
  const fragile: Partial<Physics> = {
    startDelayMs: { min: 0, max: 0 },
    // About one failure per node and hour.
    nodeFailure: { numerator: 1, denominator: 1 },
    fenceAfterMs: { min: 600_000, max: 600_000 },
    powerOffMs: { min: 3_000, max: 3_000 },
    repairMs: { min: 60_000, max: 60_000 },
    readyRepeatMs: { min: 30_000, max: 60_000 },
    readyRepeatsMax: 3,
  };

  /** Goes on until the first node is lost, with a gang on all nodes. */
  function loseFirstNode(): { cluster: SimulatedCluster; lostMs: number; node: number } {
    const cluster = newCluster(fragile);
    const environment = { ERTIS_SIM_RUNTIME_MS: String(100 * hourMs) };
    const gang = wish({ job: 1, nodes: [0, 1, 2, 3, 4, 5], environment });
    cluster.realize(change(1, [gang]), startMs);
    cluster.advance(startMs);
    takeReports(cluster);
    const lostMs = cluster.nextEventAt() ?? 0;
    cluster.advance(lostMs);
    const lost = cluster.observations(0, 1)[0]?.observation;
    return { cluster, lostMs, node: lost?.kind === "node-lost" ? lost.node : -1 };
  }

  test("ends its gang; it holds its GPUs and draws until power-off is confirmed", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    expect(takeReports(cluster)).toMatchObject([
      { kind: "node-lost", node },
      { kind: "attempt-exited", outcome: { kind: "failed", category: "node" } },
    ]);
    cluster.advance(lostMs + 2_000);
    const confirmed = takeReports(cluster).flatMap((each) =>
      each.kind === "stop-confirmed" ? each.nodes : [],
    );
    const others = [0, 1, 2, 3, 4, 5].filter((each) => each !== node);
    expect(confirmed.toSorted((a, b) => a - b)).toEqual(others);
    expect(cluster.inventory().attempts).toMatchObject([{ phase: "exited", nodes: [node] }]);
    expect(cluster.drawWatts(node)).toBeGreaterThan(0);

    cluster.realize(change(2, [], { powerOff: [node] }), lostMs + 2_000);
    cluster.advance(lostMs + 5_000);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "stop-confirmed", nodes: [node] },
      { kind: "node-powered-off", node },
    ]);
    expect(cluster.drawWatts(node)).toBe(0);
    expect(cluster.boundWatts(node)).toBe(0);
    expect(cluster.inventory().nodes).toEqual([{ node, state: "off" }]);
  });

  test("is powered off by the cluster itself when nobody asks", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.advance(lostMs + 600_000);
    expect(allReports(cluster)).toContainEqual({ kind: "node-powered-off", node });
  });

  test("asks to come back with growing waits, off until that is granted", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    const asked = (): number =>
      takeReports(cluster).filter((each) => each.kind === "node-ready" && each.node === node)
        .length;
    const readyMs = lostMs + 3_000 + 60_000;
    cluster.advance(readyMs - 1);
    expect(asked()).toBe(0);
    cluster.advance(readyMs);
    expect(asked()).toBe(1);
    cluster.advance(readyMs + 30_000);
    expect(asked()).toBe(1);
    cluster.advance(readyMs + 89_999);
    expect(asked()).toBe(0);
    cluster.advance(readyMs + 90_000);
    expect(asked()).toBe(1);
    expect(cluster.inventory().nodes).toContainEqual({ node, state: "asking" });
    expect(cluster.drawWatts(node)).toBe(0);

    const environment = { ERTIS_SIM_RUNTIME_MS: "1" };
    const grantedMs = readyMs + 90_001;
    cluster.realize(change(3, [], { powerOn: [node, 99] }), grantedMs);
    expect(cluster.drawWatts(node)).toBe(cluster.boundWatts(node));
    expect(cluster.drawWatts(node)).toBeGreaterThan(0);
    // It says once that it is up.
    cluster.advance(grantedMs + 120_000);
    expect(asked()).toBe(1);
    const work = wish({ job: 2, nodes: [node], environment });
    cluster.realize(change(4, [work]), grantedMs + 120_000);
    expect(cluster.startsOf(keyOf({ job: 2 }))).toBe(1);
    expect(cluster.inventory().nodes.map((each) => each.node)).not.toContain(node);
  });

  test("comes up at a grant it did not ask for, and says once that it is up: it was switched off to save, and is woken", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 5_000);
    const heard = allReports(cluster);
    expect(heard).toContainEqual({ kind: "node-powered-off", node });
    // Not yet taken in by the scheduler: a grant of before that may still be under way.
    cluster.realize(change(3, [], { powerOn: [node] }), lostMs + 6_000);
    expect(cluster.drawWatts(node)).toBe(0);
    takeReports(cluster);
    cluster.realize(change(4, [], { powerOn: [node] }), lostMs + 7_000);
    expect(cluster.drawWatts(node)).toBeGreaterThan(0);
    cluster.advance(lostMs + 600_000);
    const ready = takeReports(cluster).filter((each) => each.kind === "node-ready");
    expect(ready).toEqual([{ kind: "node-ready", node }]);
  });

  test("takes no work before its return is granted", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 63_000);
    takeReports(cluster);
    cluster.realize(change(3, [wish({ job: 2, nodes: [node] })]), lostMs + 63_000);
    expect(cluster.startsOf(keyOf({ job: 2 }))).toBe(0);
    expect(cluster.violations().map((each) => each.kind)).toEqual(["node-not-ready"]);
  });

  test("reports nothing of its loss again once its return is granted", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 63_000);
    // A scheduler that was killed before it could acknowledge what it had made durable.
    expect(allReports(cluster)).toContainEqual({ kind: "node-powered-off", node });
    cluster.realize(change(3, [], { powerOn: [node] }), lostMs + 63_000);
    const repeated = allReports(cluster).filter((each) => "node" in each && each.node === node);
    expect(repeated).toEqual([{ kind: "node-ready", node }]);
  });

  test("refuses work: by surprise before its loss is known, as a violation after", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [wish({ job: 2, nodes: [node] })]), lostMs);
    expect(cluster.violations().map((each) => each.kind)).toEqual(["gpu-double-use"]);
    cluster.realize(change(3, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 3_000);
    cluster.realize(change(4, [wish({ job: 3, nodes: [node] })]), lostMs + 3_000);
    expect(cluster.violationCount).toBe(1);
    expect(takeReports(cluster)).toContainEqual(
      expect.objectContaining({
        kind: "attempt-exited",
        attempt: keyOf({ job: 3 }),
        outcome: { kind: "failed", category: "node", exitCode: 0 },
      }),
    );
    cluster.realize(change(5, [wish({ job: 4, nodes: [node] })]), lostMs + 3_000);
    expect(cluster.violations().at(-1)?.kind).toBe("node-not-ready");
    expect(cluster.startCount).toBe(1);
  });

  test("asks anew when a scheduler starts anew, and does not say again that it is off", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 3_000 + 60_000);
    takeReports(cluster);
    const powerOn = [0, 1, 2, 3, 4, 5].filter((other) => other !== node);
    cluster.realize(change(3, [], { isComplete: true, powerOn }), lostMs + 64_000);
    cluster.advance(lostMs + 64_000);
    expect(takeReports(cluster)).toContainEqual({ kind: "node-ready", node });
    cluster.realize(change(4, [], { isComplete: true, powerOn }), lostMs + 64_001);
    expect(takeReports(cluster)).not.toContainEqual({ kind: "node-powered-off", node });
  });

  test("comes up when a complete wish counts on it: the grant itself may have been lost", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 63_000);
    takeReports(cluster);
    cluster.realize(change(3, [], { isComplete: true }), lostMs + 64_000);
    expect(cluster.inventory().nodes.map((each) => each.node)).not.toContain(node);
    expect(cluster.boundWatts(node)).toBeGreaterThan(0);
  });

  test("stays off when a complete wish cannot know of its loss", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.realize(change(2, [], { powerOff: [node] }), lostMs);
    cluster.advance(lostMs + 63_000);
    const work = wish({ job: 2, nodes: [node] });
    cluster.realize(change(3, [work], { isComplete: true }), lostMs + 64_000);
    expect(cluster.boundWatts(node)).toBe(0);
    expect(cluster.startsOf(keyOf({ job: 2 }))).toBe(0);
    expect(cluster.violationCount).toBe(0);
    const about = allReports(cluster).filter((each) => "node" in each && each.node === node);
    expect(about.map((each) => each.kind).slice(0, 3)).toEqual([
      "node-lost",
      "node-powered-off",
      "node-ready",
    ]);
  });

  test("that is up goes off when a complete wish grants it nothing", () => {
    const cluster = newCluster({ ...fragile, nodeFailure: { numerator: 0, denominator: 1 } });
    cluster.realize(change(1, [], { isComplete: true, powerOn: [0, 1, 3, 4, 5] }), startMs);
    expect(cluster.drawWatts(2)).toBe(0);
    expect(takeReports(cluster)).toEqual([{ kind: "node-powered-off", node: 2 }]);
    cluster.advance(startMs + 60_000);
    expect(takeReports(cluster)).toEqual([{ kind: "node-ready", node: 2 }]);
  });

  test("is reported lost again to a scheduler that starts anew, and off to one that asks", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    takeReports(cluster);
    cluster.realize(change(2, [], { isComplete: true }), lostMs);
    expect(takeReports(cluster)).toContainEqual({ kind: "node-lost", node });
    cluster.realize(change(3, [], { powerOff: [node, 99] }), lostMs);
    cluster.advance(lostMs + 3_000);
    takeReports(cluster);
    cluster.realize(change(4, [], { powerOff: [node] }), lostMs + 3_000);
    expect(takeReports(cluster)).toContainEqual({ kind: "node-powered-off", node });
  });

  test("may be confirmed off by an operator: its attempt is then released without a violation", () => {
    const { cluster, lostMs, node } = loseFirstNode();
    cluster.advance(lostMs + 2_000);
    expect(cluster.inventory().attempts).toMatchObject([{ phase: "exited", nodes: [node] }]);
    cluster.realize(change(2, [], { forget: [keyOf({ job: 1 })] }), lostMs + 2_000);
    expect(cluster.violationCount).toBe(0);
  });

  test("that works can be powered off too, and takes its attempt with it", () => {
    const cluster = newCluster({ ...fragile, nodeFailure: { numerator: 0, denominator: 1 } });
    const environment = { ERTIS_SIM_RUNTIME_MS: String(100 * hourMs) };
    cluster.realize(change(1, [wish({ job: 1, nodes: [0, 1], environment })]), startMs);
    cluster.realize(change(2, [], { powerOff: [0] }), startMs + 1);
    cluster.advance(startMs + 10_000);
    expect(allReports(cluster)).toMatchObject([
      { kind: "attempt-running" },
      { kind: "attempt-exited", outcome: { category: "node" } },
      { kind: "stop-confirmed", nodes: [0] },
      { kind: "node-powered-off", node: 0 },
      { kind: "stop-confirmed", nodes: [1] },
    ]);
    expect(cluster.inventory().attempts).toMatchObject([{ phase: "ended" }]);
  });
});
