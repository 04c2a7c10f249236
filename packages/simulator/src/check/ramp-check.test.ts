import { instant } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { RampGauge } from "./ramp-gauge.ts";
import {
  acknowledged,
  capSet,
  checkedWorld,
  curtailment,
  keyOf,
  released,
  started,
} from "./test-checks.ts";

/** A start of one node adds 3,450 W at the feed. */
const ramp = "ramp: 4 kW/min over 60 s";
const jobs = [
  { nodeCount: 1, nodeCountMin: 1 },
  { nodeCount: 1, nodeCountMin: 1 },
];

function twoStarted(secondAtMs: number): ReturnType<typeof checkedWorld> {
  const world = checkedWorld({ ramp, jobs });
  world.tell(1_000, started(keyOf(1), [0]));
  world.tell(secondAtMs, started(keyOf(2), [1]));
  return world;
}

test("a second start within the window is too steep, a later one is not", () => {
  expect(twoStarted(31_000).broken("ramp")).toEqual([
    "ramp: after attempt-started: bounds of t rise by 5175 W in 60 s on means over 60 s, 4000 W are allowed",
  ]);
  expect(twoStarted(121_000).broken("ramp")).toEqual([]);
});

test("a planned lowering keeps the ramp; in an emergency, late or at an end it is counted", () => {
  const lower = (world: ReturnType<typeof checkedWorld>, answerAtMs: number): void => {
    for (const job of [1, 2]) {
      world.tell(300_000, capSet(keyOf(job), 200));
    }
    for (const job of [1, 2]) {
      world.tell(answerAtMs, acknowledged(keyOf(job), 200));
    }
  };
  const planned = twoStarted(200_000);
  lower(planned, 300_500);
  // Each lowering takes 8 × 200 W off, 2,000 W at the feed.
  expect(planned.broken("ramp")).toEqual([]);
  planned.tell(301_000, released(keyOf(1)), released(keyOf(2)));
  const [score] = planned.checks.ramps.score(600_000);
  expect(score).toMatchObject({ domain: 0, upWatts: 3_450, overCounts: { end: 2 } });
  expect(score?.downWatts).toBeGreaterThan(5_000);
  expect(score?.overMs).toBeGreaterThan(10_000);

  const steep = checkedWorld({ ramp: "ramp: 3.9 kW/min over 60 s", jobs });
  steep.tell(1_000, started(keyOf(1), [0]));
  steep.tell(200_000, started(keyOf(2), [1]));
  lower(steep, 300_500);
  expect(steep.broken("ramp")).toHaveLength(1);

  const forced = checkedWorld({ ramp: "ramp: 3.9 kW/min over 60 s", jobs });
  forced.tell(1_000, started(keyOf(1), [0]), curtailment("emergency", 300_000, 400_000));
  forced.tell(200_000, started(keyOf(2), [1]));
  lower(forced, 300_500);
  expect(forced.broken("ramp")).toEqual([]);
  expect(forced.checks.ramps.score(600_000)[0]?.overCounts).toEqual({ emergency: 1 });

  const late = checkedWorld({ ramp: "ramp: 3.9 kW/min over 60 s", jobs });
  late.tell(1_000, started(keyOf(1), [0]));
  late.tell(200_000, started(keyOf(2), [1]));
  lower(late, 303_000);
  expect(late.broken("ramp")).toEqual([]);
  expect(late.checks.ramps.score(600_000)[0]?.overCounts).toEqual({ "late-answer": 1 });
});

test("a start larger than any step the ramp allows is counted, not broken", () => {
  const world = checkedWorld({ ramp: "ramp: 3 kW/min over 60 s", jobs });
  world.tell(1_000, started(keyOf(1), [0]));
  expect(world.broken("ramp")).toEqual([]);
  expect(world.checks.ramps.score(200_000)[0]?.overCounts).toEqual({ "too-large": 1 });
});

test("the change of a mean is a straight line between the bends of its steps", () => {
  const gauge = new RampGauge({ limitWatts: 50, perMs: 60_000, windowMs: 30_000 });
  gauge.step({ atMs: 0, watts: 100 });
  // Rises for 30 s, stays for 30 s, falls for 30 s: above half of it for 15 + 30 + 15 s.
  expect(gauge.passTo(15_000)).toEqual({ upWatts: 50, downWatts: 0, overMs: 0 });
  expect(gauge.passTo(200_000)).toEqual({ upWatts: 100, downWatts: 0, overMs: 60_000 });
});

test("ends that the scheduler asks for keep the ramp: pauses, preemptions, nodes that go off", () => {
  const stop = (job: number, reason: "preemption" | "walltime" = "preemption"): Event => ({
    kind: "stop-requested",
    attempt: keyOf(job),
    reason,
  });
  const paused = (job: number, named: { readonly curtailment?: string }): Event => ({
    kind: "job-paused",
    job,
    site: "t",
    until: instant(900_000),
    ...named,
  });
  const both = (world: ReturnType<typeof checkedWorld>, ...asked: readonly Event[]): void => {
    world.tell(400_000, ...asked);
    world.tell(410_000, released(keyOf(1)), released(keyOf(2)));
  };
  const planned = twoStarted(200_000);
  both(planned, paused(1, { curtailment: "c" }), stop(1), paused(2, { curtailment: "c" }), stop(2));
  expect(planned.broken("ramp")).toEqual([
    "ramp: after placement-released: bounds of t fall by 6900 W in 60 s on means over 60 s, 4000 W are allowed",
  ]);
  // One after the other they keep it.
  const staged = twoStarted(200_000);
  staged.tell(400_000, paused(1, { curtailment: "c" }), stop(1));
  staged.tell(410_000, released(keyOf(1)));
  staged.tell(600_000, paused(2, { curtailment: "c" }), stop(2));
  staged.tell(610_000, released(keyOf(2)));
  expect(staged.broken("ramp")).toEqual([]);
  // For what bounds must not exceed they may step, and so may who was not asked.
  const forced = twoStarted(200_000);
  both(forced, paused(1, {}), stop(1), paused(2, {}), stop(2));
  expect(forced.broken("ramp")).toEqual([]);
  expect(forced.checks.ramps.score(600_000)[0]?.overCounts).toEqual({ emergency: 1 });
  const due = twoStarted(200_000);
  both(due, stop(1, "walltime"), stop(2, "walltime"));
  expect(due.checks.ramps.score(600_000)[0]?.overCounts).toEqual({ due: 1 });

  // Four idle nodes take 2.2 kW at the feed.
  const asleep = checkedWorld({ ramp: "ramp: 2 kW/min over 60 s" });
  const nodes = [0, 1, 2, 3];
  asleep.tell(1_000, { kind: "node-sleep-requested", site: "t", nodes });
  for (const node of nodes) {
    asleep.tell(5_000, { kind: "node-powered-off", site: "t", node, confirmedBy: "executor" });
  }
  expect(asleep.broken("ramp")).toHaveLength(1);
});
