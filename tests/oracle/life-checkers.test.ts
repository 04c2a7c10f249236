import { instant } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { HandMade, keyOf, minuteMs, startMs } from "./hand-made.ts";

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
