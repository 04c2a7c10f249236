import { instant, milliseconds } from "@ertis/quantities";
import { defaultLimits } from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";
import { HandMade, handSpec, keyOf, minuteMs, startMs } from "./hand-made.ts";

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

  test("who is promised to be done sooner leaves a slower start to those behind, and no other", () => {
    // The start is over in ten minutes.
    for (const [promisedInMs, expected] of [
      [4 * minuteMs, []],
      [6 * minuteMs, ["queue-order"]],
    ] as const) {
      const log = new HandMade();
      const walltimeMin = milliseconds(5 * minuteMs);
      log.submit(1, { walltime: walltimeMin, walltimeMin }, { walltimeMin });
      log.entry(log.command("place"), {
        kind: "reservation-made",
        job: 1,
        site: "hand",
        gpuModel: "alpha",
        startAt: instant(startMs + promisedInMs),
        nodes: [1],
      });
      expect(log.start(keyOf(2), [0])).toEqual(expected);
    }
  });
});

test("time: an entry goes back", () => {
  const log = new HandMade();
  log.atMs -= 1;
  expect(log.entry(log.command("tick"))).toEqual(["time"]);
});
