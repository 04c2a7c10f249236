import { expect, test } from "vitest";
import { acknowledged, capSet, checkedWorld, keyOf, started, supplyLost } from "./test-checks.ts";

const job = {
  name: "job",
  nodeCount: 2,
  nodeCountMin: 2,
  capMinWatts: 0,
  flexibilityTier: 50 as const,
};

/** Two nodes at full power and two idle: 1.25 × 7,280 W. At 200 W: 1.25 × 4,080 W. */
function running(): ReturnType<typeof checkedWorld> {
  const world = checkedWorld({ jobs: [job, job] });
  world.tell(0, started(keyOf(1), [0, 1]));
  return world;
}

test("after a loss what is ordered fits into what is left; until it is done is measured", () => {
  const world = running();
  world.tell(1_000, supplyLost(6_000), capSet(keyOf(1), 200));
  world.checks.supplies.passFor(2_000, () => 6_700);
  world.tell(3_000, acknowledged(keyOf(1), 200));
  world.checks.supplies.passFor(1_000, () => 5_000);
  expect(world.broken("supply", "limit")).toEqual([]);
  expect(world.checks.supplies.losses).toMatchObject([
    { leftWatts: 6_000, boundedAfterMs: 2_000, drawnOverMs: 2_000, drawnOverWatts: 700 },
  ]);
});

test("too little ordered is a broken promise, unless everything is told to stop", () => {
  const world = running();
  world.tell(1_000, supplyLost(5_000), capSet(keyOf(1), 200));
  expect(world.broken("supply", "limit")).toEqual([
    "supply: 5000 W are left at t, and what is ordered comes to 5100.0 W, while 1 attempts there are not told to stop",
  ]);
  const stopping = running();
  stopping.tell(1_000, supplyLost(1_000), {
    kind: "stop-requested",
    attempt: keyOf(1),
    reason: "preemption",
  });
  expect(stopping.broken("supply", "limit")).toEqual([]);
});

test("nothing may grow above what is left, and everything may again when it is back", () => {
  const world = running();
  world.tell(1_000, supplyLost(9_200));
  expect(world.broken("supply", "limit")).toEqual([]);
  world.tell(2_000, started(keyOf(2), [2, 3]));
  expect(world.broken("supply", "limit")[0]).toContain(
    "limit: after attempt-started: 16000.0 W in force at t, 9200 W",
  );
  const back = running();
  back.tell(1_000, supplyLost(9_200));
  back.tell(2_000, { kind: "supply-back", site: "t", domain: 0 });
  back.tell(3_000, started(keyOf(2), [2, 3]));
  expect(back.broken("supply", "limit")).toEqual([]);
});
