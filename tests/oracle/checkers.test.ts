import { instant, milliseconds, watts } from "@ertis/quantities";
import { defaultLimits, type PowerBudget } from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";
import { HandMade, handSpec, keyOf, minuteMs, startMs, weakerSite } from "./hand-made.ts";

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

describe("life-cycle", () => {
  const cases: readonly [string, (log: HandMade) => readonly string[]][] = [
    ["a job nobody submitted", (log) => log.start(keyOf(99), [0])],
    ["a held job", (log) => log.start(keyOf(1), [0])],
    ["a job before its begin time", (log) => log.start(keyOf(2), [0])],
    ["a job whose dependency is open", (log) => log.start(keyOf(3), [0])],
    ["a task that does not exist", (log) => log.start(keyOf(4, 7), [0])],
    ["an attempt that skips a number", (log) => log.start(keyOf(4, 0, 2), [0])],
    ["a walltime that is too long", (log) => log.start(keyOf(4), [0], { endsByMs: startMs + 1 })],
    ["a gap in the numbers", (log) => log.submit(9, {})],
    ["the same task twice", (log) => [...log.start(keyOf(4), [0]), ...log.start(keyOf(4), [2])]],
    [
      "more tasks than the throttle allows",
      (log) => [...log.start(keyOf(4), [0]), ...log.start(keyOf(4, 1), [2])],
    ],
    [
      "a second start after the end",
      (log) => [
        ...log.start(keyOf(4), [0]),
        ...log.end(keyOf(4)),
        ...log.start(keyOf(4, 0, 2), [0]),
      ],
    ],
    ["an exit of what never ran", (log) => log.end(keyOf(4))],
  ];
  test.each(cases)("%s", (_name, wrong) => {
    const log = new HandMade();
    log.submit(
      1,
      { isHeld: true },
      { beginAt: instant(startMs + 1) },
      { dependencies: [{ job: 1, condition: "after-any" }] },
      { taskCount: 2, taskThrottle: 1 },
    );
    expect(wrong(log)).toContain("life-cycle");
  });

  test("a cancelled job starts", () => {
    const log = new HandMade();
    log.submit(1, {});
    const by = { person: "aliya", mayActForOthers: false };
    log.entry(
      { kind: "cancel-jobs", at: log.at, by, jobs: [1], reason: "" },
      { kind: "jobs-cancelled", jobs: [1], by: "aliya", reason: "" },
    );
    expect(log.start(keyOf(1), [0])).toContain("life-cycle");
  });
});

test("dependencies: a job that nobody waits for any more is left waiting", () => {
  const log = new HandMade();
  log.submit(1, {}, { dependencies: [{ job: 1, condition: "after-ok" }] });
  log.start(keyOf(1), [0]);
  expect(log.end(keyOf(1))).toEqual(["dependencies"]);
});

test("dependencies: a begin time passes unseen, or is seen too early", () => {
  const log = new HandMade();
  log.submit(1, { beginAt: instant(startMs + 5) });
  const ready = { kind: "jobs-became-ready", jobs: [1] } as const;
  expect(log.entry(log.command("tick"), ready)).toEqual(["dependencies"]);
  const other = new HandMade();
  other.submit(1, { beginAt: instant(startMs + 5) });
  other.atMs += 5;
  expect(other.entry(other.command("tick"))).toEqual(["dependencies"]);
});

describe("retries", () => {
  test.each([
    ["a node failure uses up a retry", "node", "retry"],
    ["a node failure ends the job", "node", "finish"],
    ["a preemption uses up a retry", "preemption", "retry"],
    ["a failure nobody asked to retry is retried", "application", "retry"],
    ["a failure is retried for free", "application", "retry-free"],
  ] as const)("%s", (_name, category, next) => {
    const log = new HandMade();
    log.submit(1, { retry: { maxRetries: 1, categories: ["start"] } });
    log.start(keyOf(1), [0]);
    const outcome = { kind: "failed", category, exitCode: 1 } as const;
    const wrong = log.entry(
      {
        kind: "report",
        at: log.at,
        site: "hand",
        observations: [{ kind: "attempt-exited", attempt: keyOf(1), outcome }],
      },
      { kind: "attempt-exited", attempt: keyOf(1), outcome, next },
    );
    expect(wrong).toEqual(["retries"]);
  });

  test("an exit that nobody reported", () => {
    const log = new HandMade();
    log.submit(1, {});
    log.start(keyOf(1), [0]);
    const outcome = { kind: "succeeded" } as const;
    expect(
      log.entry(log.command("tick"), {
        kind: "attempt-exited",
        attempt: keyOf(1),
        outcome,
        next: "finish",
      }),
    ).toEqual(["retries"]);
  });
});

describe("walltime", () => {
  function running(afterMinutes: number): HandMade {
    const log = new HandMade();
    log.submit(1, {});
    log.start(keyOf(1), [0]);
    log.atMs += afterMinutes * minuteMs;
    return log;
  }
  const warned = { kind: "walltime-warned", attempt: keyOf(1) } as const;
  const stopped = { kind: "stop-requested", attempt: keyOf(1), reason: "walltime" } as const;

  test("right: warned two minutes before, stopped at the end", () => {
    const log = running(8);
    expect(log.entry(log.command("tick"), warned)).toEqual([]);
    log.atMs += 2 * minuteMs;
    expect(log.entry(log.command("tick"), stopped)).toEqual([]);
  });

  test("never warned", () => {
    const log = running(8);
    expect(log.entry(log.command("tick"))).toEqual(["walltime"]);
  });

  test("warned too early", () => {
    const log = running(7);
    expect(log.entry(log.command("tick"), warned)).toEqual(["walltime"]);
  });

  test("stopped too early, or without a warning", () => {
    const early = running(9);
    expect(early.entry(early.command("tick"), warned, stopped)).toEqual(["walltime"]);
    const unwarned = running(10);
    expect(unwarned.entry(unwarned.command("tick"), stopped)).toEqual(["walltime"]);
  });

  test("never stopped", () => {
    const log = running(10);
    expect(log.entry(log.command("tick"), warned)).toEqual(["walltime"]);
  });
});

test("request-ids: one id becomes two jobs, or is forgotten early", () => {
  const log = new HandMade();
  log.submit(1, {});
  const early = { kind: "request-ids-forgotten", count: 1 } as const;
  expect(log.entry(log.command("tick"), early)).toEqual(["request-ids"]);
  const twice = new HandMade();
  twice.submit(1, {});
  const item = { requestId: "id-1", bodyHash: 1, spec: handSpec() };
  expect(
    twice.entry(
      { kind: "submit-jobs", at: twice.at },
      { kind: "jobs-submitted", owner: "aliya", firstJob: 2, items: [item] },
    ),
  ).toEqual(["request-ids"]);
});

test("retention: a job leaves memory before it finished, or too early", () => {
  const log = new HandMade();
  log.submit(1, {});
  const retired = { kind: "jobs-retired", count: 1 } as const;
  expect(log.entry(log.command("tick"), retired)).toEqual(["retention"]);
  const limits = { ...defaultLimits, jobsFinishedAgeMax: milliseconds(minuteMs) };
  const other = new HandMade({ limits });
  other.submit(1, {});
  other.start(keyOf(1), [0]);
  other.end(keyOf(1));
  other.atMs += minuteMs - 1;
  expect(other.entry(other.command("tick"), retired)).toEqual(["retention"]);
});

test("permissions: somebody cancels another person's job", () => {
  const log = new HandMade();
  log.submit(1, {});
  const by = { person: "bolat", mayActForOthers: false };
  expect(
    log.entry(
      { kind: "cancel-jobs", at: log.at, by, jobs: [1], reason: "" },
      { kind: "jobs-cancelled", jobs: [1], by: "bolat", reason: "" },
    ),
  ).toEqual(["permissions"]);
});

describe("queue-order", () => {
  test("a younger job of the same kind goes first", () => {
    const log = new HandMade();
    log.submit(1, {}, {});
    expect(log.start(keyOf(2), [0])).toEqual(["queue-order"]);
  });

  test("a lower class goes first", () => {
    const log = new HandMade();
    log.submit(1, {}, { priorityClass: "high" });
    expect(log.start(keyOf(1), [0])).toEqual(["queue-order"]);
  });

  test("a shorter job may fill in, and so may one with a promised start", () => {
    const log = new HandMade();
    log.submit(
      1,
      { walltime: milliseconds(20 * minuteMs) },
      {},
      { nodeCount: 2 },
      { nodeCount: 2 },
    );
    expect(log.start(keyOf(2), [0])).toEqual([]);
    log.entry(log.command("place"), {
      kind: "reservation-made",
      job: 4,
      site: "hand",
      gpuModel: "alpha",
      startAt: instant(startMs + 1),
      nodes: [1, 2],
    });
    expect(log.start(keyOf(4), [1, 2])).toEqual([]);
  });
});

test("time: an entry goes back", () => {
  const log = new HandMade();
  log.atMs -= 1;
  expect(log.entry(log.command("tick"))).toEqual(["time"]);
});
