import { instant } from "@ertis/quantities";
import type { Event, FlexibilityTier } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import {
  acknowledged,
  capSet,
  type CheckedWorld,
  checkedWorld,
  curtailment,
  keyOf,
  released,
  started,
  supplyLost,
} from "./test-checks.ts";
import { ended, exited, hourMs, job, pause, window, withId } from "./test-floors.ts";

/** It stops for 10 min, and reads its checkpoint back for 5: a quarter of the hour. */
function pausedFor(moreMs: number, capWatts: number): ReturnType<typeof checkedWorld> {
  const world = checkedWorld({ jobs: [job] });
  world.tell(0, started(keyOf(1), [0, 1]), window);
  const fromMs = hourMs + 600_000;
  world.tell(fromMs, pause);
  world.tell(fromMs + 1_000, exited(1), released(keyOf(1)));
  world.tell(fromMs + 600_000 + moreMs, started(keyOf(1, 2), [0, 1], capWatts));
  world.tell(2 * hourMs, ended);
  return world;
}

test("pauses and restores count to what a tier tolerates, and caps beside them", () => {
  expect(pausedFor(0, 0).broken("floor")).toEqual([]);
  expect(pausedFor(120_000, 0).broken("floor")).toEqual([
    "floor: job-1 lost 28.33 % of its speed to curtailment c, its tier tolerates 25 %",
  ]);
  // Another 10 % of the 35 min that are left after it.
  expect(pausedFor(0, 360).broken("floor")[0]).toContain("lost 30.83 %");
});

const touched = { touchedCount: 0, brokenCount: 0, givenUpCount: 0, forcedCount: 0 };

test("a cap within the tier for the whole event is tolerated, a lower one for a part of it too", () => {
  const world = checkedWorld({ jobs: [job] });
  world.tell(0, started(keyOf(1), [0, 1]), window);
  world.tell(hourMs, capSet(keyOf(1), 200));
  world.tell(1.5 * hourMs, capSet(keyOf(1), 400));
  world.tell(2 * hourMs, ended);
  expect(world.broken("floor")).toEqual([]);
  expect(world.checks.floors.score).toEqual({ ...touched, touchedCount: 1 });
});

test("nodes that a curtailment takes are lost speed; fewer nodes from the start are not", () => {
  const shrunk = checkedWorld({ jobs: [job] });
  shrunk.tell(0, started(keyOf(1), [0, 1]), window);
  shrunk.tell(hourMs, { ...pause, nodes: [0] }, { kind: "job-resumed", job: 1 });
  shrunk.tell(hourMs, exited(1), released(keyOf(1)));
  shrunk.tell(hourMs, started(keyOf(1, 2), [0]));
  shrunk.tell(2 * hourMs, ended);
  expect(shrunk.broken("floor")[0]).toContain("lost 54.17 %");

  const small = checkedWorld({ jobs: [job] });
  small.tell(0, started(keyOf(1), [0]), window);
  small.tell(2 * hourMs, ended);
  expect(small.broken("floor")).toEqual([]);
});

test("what an earlier curtailment took for good is no loss to a later one, its caps and pauses are", () => {
  const lossOf = (capWatts: number): readonly string[] => {
    const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 50 }] });
    world.tell(0, started(keyOf(1), [0, 1]), curtailment("planned", hourMs, 3 * hourMs));
    world.tell(2 * hourMs, { ...pause, nodes: [0] }, { kind: "job-resumed", job: 1 });
    world.tell(2 * hourMs, exited(1), released(keyOf(1)));
    world.tell(2 * hourMs, started(keyOf(1, 2), [0]));
    const later = curtailment("planned", 4 * hourMs, 5 * hourMs);
    world.tell(3 * hourMs, ended, withId(later, "later"));
    world.tell(4 * hourMs, { ...pause, until: instant(4.2 * hourMs) });
    world.tell(4 * hourMs, exited(2), released(keyOf(1, 2)));
    world.tell(4.2 * hourMs, started(keyOf(1, 3), [0], capWatts));
    world.tell(5 * hourMs, { kind: "curtailment-ended", ids: ["later"] });
    return world.broken("floor");
  };
  expect(lossOf(300)).toEqual([]);
  expect(lossOf(200)[0]).toContain("lost 64.17 %");
});

test("nodes that one took are no loss to what begins after it, announced before or not, but to what begins in its time, unless it gave their floor up", () => {
  const lossOf = (laterMs: number, giveUp: readonly FlexibilityTier[]): readonly string[] => {
    const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 25 }] });
    const later = curtailment("planned", laterMs, 5 * hourMs);
    const first = curtailment("planned", hourMs, 3 * hourMs);
    world.tell(
      0,
      started(keyOf(1), [0, 1]),
      withId(first, "first", giveUp),
      withId(later, "later"),
    );
    const shrinks: Event = { ...pause, curtailment: "first", nodes: [0] };
    world.tell(hourMs, shrinks, { kind: "job-resumed", job: 1 });
    world.tell(hourMs, exited(1), released(keyOf(1)));
    world.tell(hourMs, started(keyOf(1, 2), [0]));
    world.tell(3 * hourMs, { kind: "curtailment-ended", ids: ["first"] });
    world.tell(5 * hourMs, { kind: "curtailment-ended", ids: ["later"] });
    return world.broken("floor").filter((message) => message.includes("to curtailment later"));
  };
  expect(lossOf(3 * hourMs, [])).toEqual([]);
  expect(lossOf(2.5 * hourMs, []).length).toBe(1);
  expect(lossOf(2.5 * hourMs, [25])).toEqual([]);
});

test("who is back in the queue after one and waits for another reason loses nothing to a later one", () => {
  const lossOf = (startMs: number): readonly string[] => {
    const world = checkedWorld({ jobs: [job] });
    world.tell(0, started(keyOf(1), [0, 1]), window);
    world.tell(2 * hourMs - 60_000, pause);
    world.tell(2 * hourMs - 60_000, exited(1), released(keyOf(1)));
    world.tell(2 * hourMs, ended, { kind: "job-resumed", job: 1 });
    const later = curtailment("planned", startMs, 5 * hourMs);
    world.tell(2 * hourMs, withId(later, "later"));
    world.tell(5 * hourMs, { kind: "curtailment-ended", ids: ["later"] });
    return world.broken("floor");
  };
  expect(lossOf(3 * hourMs)).toEqual([]);
  // Within the recovery of the first the watts were not back yet.
  expect(lossOf(2 * hourMs + 90_000)[0]).toContain("lost 100.00 %");
});

test("who is to come back to a cluster that is away waits for that, who stays paused does not", () => {
  const lossOf = (resumedMs: number): readonly string[] => {
    const world = checkedWorld({ jobs: [job] });
    world.tell(0, started(keyOf(1), [0, 1]), window);
    world.tell(hourMs, pause, exited(1), released(keyOf(1)));
    world.tell(hourMs + 120_000, { kind: "site-away", site: "t" });
    world.tell(hourMs + resumedMs, { kind: "job-resumed", job: 1 });
    world.tell(1.5 * hourMs, { kind: "site-back", site: "t" });
    world.tell(1.5 * hourMs, started(keyOf(1, 2), [0, 1]));
    world.tell(2 * hourMs, ended);
    return world.broken("floor");
  };
  expect(lossOf(600_000)).toEqual([]);
  expect(lossOf(720_000)[0]).toContain("lost 28.33 %");
});

test("a gang loses to the curtailment of any rack that one of its nodes is in, and to no other", () => {
  const isBroken = (nodes: readonly number[]): boolean => {
    const world = checkedWorld({ jobs: [job] });
    const rack = "t/hall-1/row-1/rack-2";
    world.tell(0, started(keyOf(1), nodes), curtailment("planned", hourMs, 2 * hourMs, rack));
    world.tell(hourMs, capSet(keyOf(1), 200));
    world.tell(2 * hourMs, ended);
    return world.broken("floor").length > 0;
  };
  expect([[0, 1], [1, 2], [2]].map(isBroken)).toEqual([false, true, true]);
});

test("with a feed lost meanwhile a floor gives way, and is counted apart from those given up by name", () => {
  const world = checkedWorld({ jobs: [job] });
  world.tell(0, started(keyOf(1), [0, 1]), window);
  world.tell(hourMs, supplyLost(5_000), capSet(keyOf(1), 200));
  world.tell(2 * hourMs, ended);
  expect(world.broken("floor")).toEqual([]);
  expect(world.checks.floors.score).toEqual({ ...touched, touchedCount: 1, forcedCount: 1 });
});

test("who tolerates no loss is neither paused nor capped outside an emergency", () => {
  const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 0 }] });
  world.tell(0, started(keyOf(1), [0, 1]), window);
  world.tell(hourMs, pause);
  world.tell(hourMs, capSet(keyOf(1), 350));
  expect(world.broken("floor")).toEqual([
    "floor: job-1 tolerates no loss and is paused",
    "floor: job 1 task 0 attempt 1 tolerates no loss and is capped at 350 W",
  ]);
});

test("who tolerates no loss and gave its floor up by name may come back in steps, and is lowered in none of them", () => {
  const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 0 }] });
  const asked = withId(curtailment("emergency", hourMs, 2 * hourMs), "c", [0]);
  world.tell(0, started(keyOf(1), [0, 1]));
  world.tell(hourMs, asked, capSet(keyOf(1), 200));
  world.tell(2 * hourMs, ended, capSet(keyOf(1), 300));
  expect(world.broken("floor")).toEqual([]);
  world.tell(2 * hourMs, capSet(keyOf(1), 250));
  expect(world.broken("floor")).toEqual([
    "floor: job 1 task 0 attempt 1 tolerates no loss and is capped at 250 W",
  ]);
});

/** A quarter more than its tier is taken of a job in an emergency that was accepted, beside something else. */
function inEmergency(...beside: readonly Event[]): CheckedWorld {
  const world = checkedWorld({ jobs: [job] });
  world.tell(0, started(keyOf(1), [0, 1]), curtailment("emergency", hourMs, 2 * hourMs));
  world.tell(hourMs, capSet(keyOf(1), 200));
  world.tell(hourMs + 1_000, acknowledged(keyOf(1), 200), ...beside);
  world.tell(2 * hourMs, ended);
  return world;
}

test("an emergency that was accepted keeps tiers as a planned one does, unless something failed or met it", () => {
  expect(inEmergency().broken("floor")).toEqual([
    "floor: job-1 lost 50.00 % of its speed to curtailment c, its tier tolerates 25 %",
  ]);
  const other = withId(curtailment("planned", 1.5 * hourMs, 3 * hourMs, "t/hall-1"), "other");
  const apart = withId(curtailment("planned", 2.5 * hourMs, 3 * hourMs), "apart");
  for (const excuse of [
    supplyLost(5_000),
    { kind: "node-lost", site: "t", node: 3 } as const,
    { kind: "site-away", site: "t" } as const,
    other,
  ]) {
    expect(inEmergency(excuse).broken("floor"), excuse.kind).toEqual([]);
  }
  expect(inEmergency(apart).broken("floor")).toHaveLength(1);
});

test("as long as an answer is late an emergency may cost more, no longer", () => {
  const lossOf = (answeredMs: number, untilMs: number): readonly string[] => {
    const world = checkedWorld({ jobs: [job] });
    world.tell(0, started(keyOf(1), [0, 1]), curtailment("emergency", hourMs, 2 * hourMs));
    world.tell(hourMs, capSet(keyOf(1), 200));
    world.tell(hourMs + 10_000);
    world.tell(hourMs + answeredMs, acknowledged(keyOf(1), 200));
    world.tell(hourMs + untilMs, capSet(keyOf(1), 0));
    world.tell(2 * hourMs, ended);
    return world.broken("floor");
  };
  // 30 % are lost: a quarter is tolerated, and three minutes more while the answer was late.
  expect(lossOf(400_000, 0.6 * hourMs)).toEqual([]);
  expect(lossOf(1_000, 0.6 * hourMs)).toHaveLength(1);
});

test("who pauses while an answer is late may lose its checkpoint and its restore beside, and nothing for one in time", () => {
  const checkpoint = { saveMs: 300_000, restoreMs: 240_000 };
  const lossOf = (pausedMs: number, backMs: number): readonly string[] => {
    const world = checkedWorld({
      jobs: [
        { ...job, checkpoint },
        { ...job, name: "deaf" },
      ],
    });
    world.tell(0, started(keyOf(1), [0, 1]), started(keyOf(2), [2]));
    world.tell(0, curtailment("emergency", hourMs, 2 * hourMs));
    world.tell(hourMs, capSet(keyOf(2), 350));
    world.tell(hourMs + pausedMs, pause);
    world.tell(hourMs + 12_000, acknowledged(keyOf(2), 350), { kind: "job-resumed", job: 1 });
    world.tell(hourMs + 310_000, exited(1), released(keyOf(1)));
    world.tell(hourMs + backMs, started(keyOf(1, 2), [0, 1]));
    world.tell(2 * hourMs, ended);
    return world.broken("floor");
  };
  // A quarter of the hour is tolerated, and the nine minutes of its checkpoint and its restore.
  expect(lossOf(10_000, 1_180_000)).toEqual([]);
  expect(lossOf(10_000, 1_300_000)).toHaveLength(1);
  expect(lossOf(4_000, 1_180_000)).toHaveLength(1);
});

test("who tolerates no loss pauses to get nodes back, and to give none", () => {
  const brokenBy = (nodes: readonly number[]): readonly string[] => {
    const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 0 }] });
    world.tell(0, started(keyOf(1), [0, 1]));
    world.tell(hourMs, { ...pause, nodes });
    return world.broken("floor");
  };
  expect([[0], [0, 1], [0, 1, 2]].map((nodes) => brokenBy(nodes).length)).toEqual([1, 1, 0]);
});

test("who tolerates no loss is left alone in an emergency, too, unless it asks him by name", () => {
  const lossOf = (...giveUp: readonly FlexibilityTier[]): readonly string[] => {
    const world = checkedWorld({ jobs: [{ ...job, flexibilityTier: 0 }] });
    const asked = withId(curtailment("emergency", hourMs, 2 * hourMs), "c", giveUp);
    world.tell(0, started(keyOf(1), [0, 1]), asked);
    world.tell(hourMs, pause, capSet(keyOf(1), 350));
    return world.broken("floor");
  };
  expect(lossOf(50)).toHaveLength(2);
  expect(lossOf(0)).toEqual([]);
});
