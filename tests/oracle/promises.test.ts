import { instant } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { cappedSite, HandMade, keyOf, minuteMs, startMs } from "./hand-made.ts";

const promisedAtMs = startMs + minuteMs;

/** Job 1 is promised a start on node 0 in a minute, and the minute is over unless told otherwise. */
function promised(atMs: number = promisedAtMs, capWatts: number = 0): HandMade {
  const log = new HandMade();
  log.register(cappedSite);
  log.submit(1, { flexibilityTier: 50 });
  log.entry(log.command("place"), {
    kind: "reservation-made",
    job: 1,
    site: "hand",
    gpuModel: "alpha",
    startAt: instant(promisedAtMs),
    nodes: [0],
    ...(capWatts === 0 ? {} : { capWatts }),
  });
  log.atMs = atMs;
  return log;
}

/** A pass at the promised moment starts nobody, and the passes after it neither. */
function passedOver(log: HandMade): readonly string[] {
  log.atMs = promisedAtMs;
  log.entry(log.command("place"));
  log.atMs += 1_001;
  return log.entry(log.command("tick"));
}

test("who is not started at the promised moment, nor in the passes that follow at once, was promised too much", () => {
  const log = promised();
  expect(log.entry(log.command("place"))).toEqual([]);
  log.atMs += 1_000;
  expect(log.entry(log.command("place"))).toEqual([]);
  log.atMs += 1;
  expect(log.entry(log.command("tick"))).toEqual(["promises"]);
  // It is said once.
  log.atMs += minuteMs;
  expect(log.entry(log.command("place"))).toEqual([]);
});

test("before a pass could start it nobody broke a promise", () => {
  const log = promised(promisedAtMs + minuteMs);
  expect(log.entry(log.command("tick"))).toEqual([]);
  log.atMs += minuteMs;
  expect(log.entry(log.command("tick"))).toEqual([]);
});

test("a later promise does not stand in for the first", () => {
  const log = promised(startMs + 1_000);
  log.entry(log.command("place"), {
    kind: "reservation-made",
    job: 1,
    site: "hand",
    gpuModel: "alpha",
    startAt: instant(promisedAtMs + minuteMs),
    nodes: [0],
  });
  expect(passedOver(log)).toEqual(["promises"]);
});

test("a start in time keeps the promise; the next one of its job is promised nothing", () => {
  const log = promised();
  expect(log.start(keyOf(1), [0])).not.toContain("promises");
  expect(passedOver(log)).toEqual([]);
});

test("a start at the promised moment is held to no lower cap than was kept for it; an earlier one may be", () => {
  expect(promised().start(keyOf(1), [0], { capWatts: 75 })).toContain("promises");
  expect(promised(promisedAtMs, 75).start(keyOf(1), [0], { capWatts: 60 })).toContain("promises");
  for (const kept of [
    promised(promisedAtMs, 75).start(keyOf(1), [0], { capWatts: 75 }),
    promised(promisedAtMs, 75).start(keyOf(1), [0]),
    promised(promisedAtMs - 1).start(keyOf(1), [0], { capWatts: 75 }),
  ]) {
    expect(kept).not.toContain("promises");
  }
});

test.each<[string, Event]>([
  ["a node is lost", { kind: "node-lost", site: "hand", node: 1 }],
  ["the cluster is away", { kind: "site-away", site: "hand" }],
  ["its user holds it", { kind: "jobs-held", jobs: [1], by: "aliya" }],
  ["its user cancels it", { kind: "jobs-cancelled", jobs: [1], by: "aliya", reason: "" }],
])("a promise is let go when %s", (_name, event) => {
  const log = promised(startMs + 1_000);
  log.entry(log.command("tick"), event);
  expect(passedOver(log)).not.toContain("promises");
});
