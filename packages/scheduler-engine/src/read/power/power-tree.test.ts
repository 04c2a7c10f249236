import { nodeAsleep, nodeLost, nodeOff } from "../../state/site-state.ts";
import { instant } from "@ertis/quantities";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listBudgets } from "../../power/budgets.ts";
import { getNode, listNodes, type NodeFilter, type NodeView } from "./nodes.ts";
import { getDomain, powerTree, type PowerTree, type TreePage } from "./power-tree.ts";
import { Hub, hourMs, smallHub } from "../../testing/test-hub.ts";

function tree(hub: Hub, page: Partial<TreePage> = {}): PowerTree {
  const result = powerTree(hub.state, "hub", { size: 1000, ...page });
  if (result.kind === "rejected") {
    throw new Error(result.message);
  }
  return result;
}

describe("powerTree", () => {
  it("sums bounds, what is promised, what is free and the nodes below", () => {
    const hub = new Hub();
    hub.run({ gpusPerNode: 4 });
    hub.cordon(7);
    hub.report({ kind: "node-lost", node: 6 });
    const [feed] = tree(hub).domains;
    expect(feed).toMatchObject({
      id: "hub",
      limitWatts: 300_000,
      ceilingWatts: 300_000,
      binds: "limit",
      boundWatts: 8 * 2000 + 4000 + 1000,
      reservedWatts: 4000,
      freeWatts: 300_000 - 21_000,
      nodeCount: 8,
      gpuCount: 64,
      nodeHeldCount: 1,
      gpuHeldCount: 4,
      nodeCordonedCount: 1,
      gpuCordonedCount: 8,
      nodeLostCount: 1,
      gpuLostCount: 8,
      excess: undefined,
    });
  });

  it("shows the draw of the last minute, and none once nobody has measured for 90 s", () => {
    const hub = new Hub();
    for (const ms of [60_000, 60_000]) {
      hub.nowMs += ms;
      const domains = [{ domain: 0, watts: 17_000 }];
      const at = instant(hub.nowMs);
      hub.engine.execute({ kind: "measure", at, site: "hub", domains, attempts: [] });
    }
    hub.wait(89_999);
    expect(tree(hub).domains[0]?.draw?.watts).toBe(17_000);
    hub.wait(1);
    expect(tree(hub).domains[0]?.draw).toBeUndefined();
  });

  it("lists depth first and pages without a gap", () => {
    const hub = new Hub();
    const all = tree(hub).domains.map((domain) => domain.id);
    expect(all.slice(0, 7)).toEqual([
      "hub",
      "hub/sub-1",
      "hub/sub-1/hall-1",
      "hub/sub-1/hall-1/row-1",
      "hub/sub-1/hall-1/row-1/rack-1",
      "hub/sub-1/hall-1/row-1/rack-2",
      "hub/sub-1/hall-2",
    ]);
    const seen: string[] = [];
    for (let after: string | undefined = ""; after !== undefined;) {
      const page: PowerTree = tree(hub, { size: 3, ...(after === "" ? {} : { after }) });
      seen.push(...page.domains.map((domain) => domain.id));
      after = page.next;
    }
    expect(seen).toEqual(all);
    const part = tree(hub, { root: "hub/sub-1", depth: 1 }).domains;
    expect(part.map((domain) => domain.id)).toEqual([
      "hub/sub-1",
      "hub/sub-1/hall-1",
      "hub/sub-1/hall-2",
    ]);
  });

  it("shows the budget that binds, the excess and the next change", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4 });
    const hall = "hub/sub-1/hall-1";
    hub.budget("evening", hall, 30_000, [hub.nowMs, hub.nowMs + hourMs]);
    hub.budget("contract", hall, 60_000, [hub.nowMs]);
    hub.budget("above", hall, 500_000, [hub.nowMs]);
    const view = getDomain(hub.state, "hub", hall);
    expect(view).toMatchObject({
      binds: "budget",
      ceilingWatts: 30_000,
      budget: { id: "evening" },
      boundWatts: 40_000,
      freeWatts: 0,
      excess: { watts: 10_000, idleWatts: 8000, isAboveIdle: false },
      nextBudgetChange: { atMs: hub.nowMs + hourMs, budget: { id: "contract" } },
    });
    hub.budget("evening", hall, 5000, [hub.nowMs]);
    expect(getDomain(hub.state, "hub", hall)?.excess?.isAboveIdle).toBe(true);
    expect(getDomain(hub.state, "hub", hall)?.nextBudgetChange).toBeUndefined();
  });

  it("refuses an unknown site and an unknown domain", () => {
    const hub = new Hub();
    expect(powerTree(hub.state, "moon", { size: 1 })).toMatchObject({ code: "unknown-site" });
    const root = "hub/nowhere";
    expect(powerTree(hub.state, "hub", { size: 1, root })).toMatchObject({
      code: "unknown-domain",
    });
  });
});

describe("powerTree against a count by hand", () => {
  it("tells nodes that are asleep from those that are off or lost", () => {
    const hub = new Hub();
    hub.report({ kind: "node-powered-off", node: 0 }, { kind: "node-lost", node: 1 });
    const flags = hub.state.sites.get("hub")?.nodeFlags;
    flags?.set([nodeAsleep | nodeOff, nodeAsleep | nodeOff, nodeAsleep | nodeOff | nodeLost], 5);
    expect(tree(hub).domains[0]).toMatchObject({
      nodeAsleepCount: 2,
      gpuAsleepCount: 16,
      nodeLostCount: 1,
      nodeOffCount: 2,
      gpuLostCount: 24,
    });
  });

  it("agrees at every domain whatever runs, is cordoned, lost or off", () => {
    const attempts = fc.array(
      fc.record({
        nodeCount: fc.integer({ min: 1, max: 3 }),
        gpusPerNode: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 8 },
    );
    const nodes = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 3 });
    fc.assert(
      fc.property(attempts, nodes, nodes, nodes, (running, cordoned, lost, off) => {
        const hub = new Hub(smallHub(70));
        running.forEach((one) => hub.submit(one));
        hub.place();
        if (cordoned.length > 0) {
          hub.cordon(...cordoned);
        }
        hub.report(...lost.map((node) => ({ kind: "node-lost", node }) as const));
        hub.report(...off.map((node) => ({ kind: "node-powered-off", node }) as const));
        const list = listNodes(hub.state, {}, { size: 100 });
        const all = list.kind === "nodes" ? list.nodes : [];
        for (const domain of tree(hub).domains) {
          const below = all.filter((node) => node.id.startsWith(`${domain.id}/`));
          const sum = (pick: (node: NodeView) => number): number =>
            below.reduce((total, node) => total + pick(node), 0);
          const fixed = domain.id.split("/").length <= 2 ? 1000 : 0;
          expect(domain.boundWatts).toBe(sum((node) => node.boundWatts) + fixed);
          expect(domain.reservedWatts).toBe(
            sum((node) => (node.state === "off" ? 0 : node.boundWatts - node.idleWatts)),
          );
          expect(domain.freeWatts).toBe(domain.ceilingWatts - domain.boundWatts);
          expect(domain.gpuHeldCount).toBe(sum((node) => node.gpuHeldCount));
          expect(domain.nodeHeldCount).toBe(sum((node) => (node.gpuHeldCount > 0 ? 1 : 0)));
          expect(domain.nodeCordonedCount).toBe(sum((node) => (node.isCordoned ? 1 : 0)));
          expect(domain.gpuLostCount).toBe(
            sum((node) => (node.state === "ready" ? 0 : node.gpuCount)),
          );
        }
      }),
      { seed: 20_260_103, numRuns: 100 },
    );
  });
});

describe("listBudgets", () => {
  it("lists by id, page by page, without what is over", () => {
    const hub = new Hub();
    hub.budget("b", "hub", 1, [hub.nowMs]);
    hub.budget("a", "hub/sub-1", 1, [hub.nowMs]);
    hub.budget("over", "hub", 1, [hub.nowMs, hub.nowMs + 1000]);
    hub.nowMs += 1000;
    hub.place();
    const first = listBudgets(hub.state, {}, { size: 1 });
    expect(first).toMatchObject({ budgets: [{ id: "a" }], next: "a" });
    const second = listBudgets(hub.state, {}, { size: 1, after: "a" });
    expect(second).toMatchObject({ budgets: [{ id: "b" }], next: undefined });
    expect(listBudgets(hub.state, { domain: "hub" }, { size: 9 }).budgets.length).toBe(1);
    expect(listBudgets(hub.state, { site: "moon" }, { size: 9 }).budgets).toEqual([]);
  });
});

describe("listNodes", () => {
  function ids(hub: Hub, filter: NodeFilter): number[] {
    const list = listNodes(hub.state, filter, { size: 100 });
    return list.kind === "nodes" ? list.nodes.map((node) => node.index) : [];
  }

  it("filters", () => {
    const hub = new Hub();
    hub.run();
    hub.cordon(2);
    hub.report({ kind: "node-lost", node: 3 }, { kind: "node-powered-off", node: 4 });
    expect(ids(hub, {})).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ids(hub, { isBusy: true })).toEqual([0]);
    expect(ids(hub, { isCordoned: true })).toEqual([2]);
    expect(ids(hub, { states: ["lost", "off"] })).toEqual([3, 4]);
    expect(ids(hub, { domain: "hub/sub-1/hall-2" })).toEqual([4, 5, 6, 7]);
    expect(ids(hub, { domain: "hub/nowhere" })).toEqual([]);
    expect(ids(hub, { gpuModel: "H200" })).toEqual([]);
    const nodes = ["hub/sub-1/hall-1/row-1/rack-2/node-1", "nowhere"];
    expect(ids(hub, { nodes })).toEqual([2]);
  });

  it("shows a node, and pages on after it", () => {
    const hub = new Hub();
    const job = hub.run({ gpusPerNode: 2 });
    hub.cordon(0);
    const id = "hub/sub-1/hall-1/row-1/rack-1/node-1";
    expect(getNode(hub.state, id)).toMatchObject({
      id,
      domain: "hub/sub-1/hall-1/row-1/rack-1",
      gpuHeldCount: 2,
      state: "ready",
      isCordoned: true,
      note: { by: "olga", reason: "fans" },
      boundWatts: 4000,
      attempts: [{ job, task: 0, attempt: 1 }],
    });
    const list = listNodes(hub.state, {}, { size: 7, after: id });
    expect(list).toMatchObject({ kind: "nodes", next: undefined });
    expect(listNodes(hub.state, {}, { size: 7, after: "gone" })).toMatchObject({
      code: "unknown-node",
    });
  });
});
