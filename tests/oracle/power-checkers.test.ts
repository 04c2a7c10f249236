import { instant, watts } from "@ertis/quantities";
import type { PowerBudget } from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";
import { HandMade, keyOf, minuteMs, startMs, weakerSite } from "./hand-made.ts";

function budget(ceilingWatts: number, fromMs: number, untilMs?: number): PowerBudget {
  return {
    id: "evening",
    site: "hand",
    domain: "hand/rack-1",
    ceiling: watts(ceilingWatts),
    from: instant(fromMs),
    ...(untilMs === undefined ? {} : { until: instant(untilMs) }),
    reason: "",
    setBy: "olga",
  };
}

function setBudget(log: HandMade, one: PowerBudget): readonly string[] {
  return log.entry(
    { kind: "set-budget", at: log.at, budget: one },
    { kind: "budget-set", budget: one },
  );
}

test("a right history is right", () => {
  const log = new HandMade();
  expect(log.submit(1, {}, { nodeCount: 2 })).toEqual([]);
  expect(log.start(keyOf(1), [0])).toEqual([]);
  expect(log.start(keyOf(2), [1, 2])).toEqual([]);
  expect(log.end(keyOf(1))).toEqual([]);
  expect(log.end(keyOf(2))).toEqual([]);
  expect(log.finish()).toEqual([]);
});

describe("limit", () => {
  test("the fourth busy node is more than one side of the feed carries", () => {
    const log = new HandMade();
    log.submit(1, { nodeCount: 3 }, {});
    expect(log.start(keyOf(1), [0, 1, 2])).toEqual([]);
    expect(log.start(keyOf(2), [3])).toEqual(["limit"]);
  });

  test("an edited site file lowers a limit below what runs", () => {
    const log = new HandMade();
    log.submit(1, { nodeCount: 3 });
    log.start(keyOf(1), [0, 1, 2]);
    expect(log.register(weakerSite)).toEqual(["limit"]);
  });

  test("the bound of an exited job that is not confirmed counts", () => {
    const log = new HandMade();
    log.submit(1, { nodeCount: 3 }, {});
    log.start(keyOf(1), [0, 1, 2]);
    log.entry(
      {
        kind: "report",
        at: log.at,
        site: "hand",
        observations: [
          { kind: "attempt-exited", attempt: keyOf(1), outcome: { kind: "succeeded" } },
        ],
      },
      { kind: "attempt-exited", attempt: keyOf(1), outcome: { kind: "succeeded" }, next: "finish" },
    );
    expect(log.start(keyOf(2), [3])).toEqual(["limit"]);
  });
});

describe("budget", () => {
  test("a start in a domain whose budget lies below what runs", () => {
    const log = new HandMade();
    log.submit(1, {}, {});
    log.start(keyOf(1), [0]);
    expect(setBudget(log, budget(500, startMs))).toEqual([]);
    expect(log.start(keyOf(2), [1])).toEqual(["budget"]);
  });

  test("a start whose walltime runs into a known window", () => {
    const log = new HandMade();
    log.submit(1, {});
    setBudget(log, budget(500, startMs + 10 * minuteMs, startMs + 11 * minuteMs));
    expect(log.start(keyOf(1), [0])).toEqual(["budget"]);
  });

  test("a window after the walltime and its grace is no matter", () => {
    const log = new HandMade();
    log.submit(1, {});
    setBudget(log, budget(500, startMs + 11 * minuteMs));
    expect(log.start(keyOf(1), [0])).toEqual([]);
  });
});

describe("placement", () => {
  const cases: readonly [string, (log: HandMade) => readonly string[]][] = [
    ["a GPU in two placements", (log) => log.start(keyOf(2), [0])],
    ["half a gang", (log) => log.start(keyOf(3), [2])],
    ["a node twice", (log) => log.start(keyOf(3), [2, 2])],
    [
      "too few GPUs",
      (log) => log.start(keyOf(2), [2], { gpuMasks: [7], powerReserved: watts(300) }),
    ],
    ["a GPU that the node does not have", (log) => log.start(keyOf(2), [2], { gpuMasks: [30] })],
    ["a node that does not exist", (log) => log.start(keyOf(2), [9])],
    ["a wrong reservation", (log) => log.start(keyOf(2), [2], { powerReserved: watts(399) })],
    ["another GPU model", (log) => log.start(keyOf(4), [2])],
  ];
  test.each(cases)("%s", (_name, wrong) => {
    const log = new HandMade();
    log.submit(1, {}, {}, { nodeCount: 2 }, { gpuModel: "beta" });
    log.start(keyOf(1), [0]);
    expect(wrong(log)).toContain("placement");
  });

  test.each(["nodes-cordoned", "nodes-draining", "node-lost"] as const)("after %s", (kind) => {
    const log = new HandMade();
    log.submit(1, {});
    const common = { site: "hand", by: "olga", reason: "", nodes: [0] };
    log.entry(
      log.command("tick"),
      kind === "node-lost"
        ? { kind, site: "hand", node: 0 }
        : kind === "nodes-draining"
          ? { kind, ...common, deadline: log.at, thenDo: "wait" }
          : { kind, ...common },
    );
    expect(log.start(keyOf(1), [0])).toEqual(["placement"]);
  });
});

describe("release", () => {
  test("nobody confirmed the stop", () => {
    const log = new HandMade();
    log.submit(1, {});
    log.start(keyOf(1), [0]);
    const released = { kind: "placement-released", attempt: keyOf(1), nodes: [] } as const;
    expect(log.entry(log.command("tick"), released)).toEqual(["release"]);
  });

  test("a lost node lets go before its power-off", () => {
    const log = new HandMade();
    log.submit(1, {});
    log.start(keyOf(1), [0]);
    log.entry(log.command("tick"), { kind: "node-lost", site: "hand", node: 0 });
    const wrong = log.entry(
      {
        kind: "report",
        at: log.at,
        site: "hand",
        observations: [{ kind: "stop-confirmed", attempt: keyOf(1), nodes: [0] }],
      },
      { kind: "placement-released", attempt: keyOf(1), nodes: [] },
    );
    expect(wrong).toEqual(["release"]);
  });

  test("a node is off because nobody heard of it", () => {
    const log = new HandMade();
    const off = {
      kind: "node-powered-off",
      site: "hand",
      node: 0,
      confirmedBy: "executor",
    } as const;
    expect(log.entry(log.command("tick"), off)).toEqual(["release"]);
  });
});
