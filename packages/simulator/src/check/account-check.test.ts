import { instant, watts } from "@ertis/quantities";
import type { Account, Event } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import {
  acknowledged,
  capSet,
  checkedWorld,
  keyOf,
  released,
  started as startedOn,
} from "./test-checks.ts";

const hourMs = 3_600_000;
const quota = { guaranteedGpuCount: 16, guaranteed: watts(5_000), borrowable: watts(0) };
const accounts: readonly Account[] = [
  { id: "north", weight: 1, quota },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 8, guaranteed: watts(2_760) } },
  { id: "north/p1", weight: 1 },
  { id: "south/p2", weight: 1 },
];

const soft: Partial<SimulatedJob> = { owner: "p1", isPreemptible: true, priorityClass: "low" };

function worldWith(...jobs: readonly Partial<SimulatedJob>[]): ReturnType<typeof checkedWorld> {
  const world = checkedWorld({ jobs });
  world.tell(0, { kind: "accounts-set", accounts, by: "olga" });
  return world;
}

/** 2,760 W above idle a node, 1,600 W less at 200 W a GPU. */
function started(job: number, node: number, capWatts: number = 0): Event {
  const event = startedOn(keyOf(job), [node], capWatts);
  const powerReserved = watts(2_760 - (capWatts === 0 ? 0 : 8 * (400 - capWatts)));
  return event.kind === "attempt-started"
    ? { ...event, placement: { ...event.placement, powerReserved } }
    : event;
}

function stoppedFor(job: number, victim: number): readonly Event[] {
  return [
    {
      kind: "reservation-made",
      job,
      site: "t",
      gpuModel: "A100-SXM-80GB",
      startAt: instant(2 * hourMs),
      nodes: [0],
    },
    { kind: "stop-requested", attempt: keyOf(victim), reason: "preemption" },
  ];
}

test("a start or a raised cap over what an account may hold is a broken promise", () => {
  const world = worldWith(soft, soft, soft);
  world.tell(1, started(1, 0, 200), started(2, 1));
  expect(world.broken("quota")).toEqual([]);
  expect(world.checks.accounts.accounts?.heldOf("north/p1")).toEqual({
    gpuCount: 16,
    reservedWatts: 3_920,
    admittedWatts: 3_920,
  });
  world.tell(2, capSet(keyOf(1), 300));
  expect(world.broken("quota")).toEqual([]);
  world.tell(3, capSet(keyOf(1), 0));
  expect(world.broken("quota")).toEqual([
    "quota: after cap-set of job 1 task 0 attempt 1: north holds 16 GPUs and 5520 W, it may hold Infinity and 5000",
  ]);
});

test("a lowered cap counts when it is acknowledged, and a node until it is let go", () => {
  const world = worldWith(soft);
  const heldWatts = (): number | undefined =>
    world.checks.accounts.accounts?.heldOf("north").reservedWatts;
  world.tell(1, started(1, 0), capSet(keyOf(1), 200));
  expect(heldWatts()).toBe(2_760);
  world.tell(2, acknowledged(keyOf(1), 200));
  expect(heldWatts()).toBe(1_160);
  world.tell(3, released(keyOf(1)));
  expect(heldWatts()).toBe(0);
});

test("who is protected, of a higher class, too young, or within a guarantee is not stopped for another", () => {
  const high = { owner: "p2", priorityClass: "high" } as const;
  const stopped = (victim: Partial<SimulatedJob>, winner: Partial<SimulatedJob>): string => {
    const world = worldWith(victim, winner, { ...soft, owner: "p9" });
    world.tell(0, started(1, 0), started(3, 1));
    world.tell(hourMs, ...stoppedFor(2, 1));
    return world.broken("preemption").join();
  };
  const lone = { ...soft, owner: "p9" };
  expect(stopped(lone, high)).toBe("");
  expect(stopped({ ...lone, isPreemptible: false }, high)).toContain("is protected");
  expect(stopped({ ...lone, flexibilityTier: 0 }, high)).toContain("is protected");
  expect(stopped({ ...lone, priorityClass: "urgent" }, high)).toContain("of a higher class");
  expect(stopped(soft, high)).toContain("less than it is guaranteed");
  const same = { ...lone, priorityClass: "high" } as const;
  expect(stopped(same, high)).toBe("");
  expect(stopped(same, { ...high, gpusPerNode: 8, nodeCount: 2 })).toContain("more than it is");
  const young = worldWith(lone, high);
  young.tell(0, started(1, 0));
  young.tell(1_000, ...stoppedFor(2, 1));
  expect(young.broken("preemption").join()).toContain("after 1 s of work");
  const saved = worldWith(lone, high);
  saved.tell(0, started(1, 0));
  const [, stop] = stoppedFor(2, 1);
  saved.tell(1_000, ...(stop === undefined ? [] : [stop]));
  expect([saved.broken("preemption"), saved.checks.accounts.preemptionCount]).toEqual([[], 0]);
});
