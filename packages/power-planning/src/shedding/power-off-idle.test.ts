import { expect, test } from "vitest";
import { planShed } from "./plan-shed.ts";
import type { IdleNode, ShedPlan, ShedProblem } from "./shed-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";
import { withoutFloor } from "./without-floor.ts";

const minuteMs = 60_000;
/** One job of eight GPUs that draw 345 W each at full power. */
const jobWatts = 8 * 345;

function idle(id: number, ...watts: readonly number[]): IdleNode {
  return {
    id,
    domains: Int32Array.from(watts.keys()),
    wattsScaled: Float64Array.from(watts),
  };
}

function planOf(problem: ShedProblem): ShedPlan {
  const result = planShed(problem);
  if (result.kind === "refused") {
    throw new Error(`refused; ${result.smallestScaled} would do`);
  }
  return result.plan;
}

/** So much is too much with every node on. */
function over(
  watts: number,
  idleNodes: readonly IdleNode[],
  changes: Partial<ShedProblem> = {},
): ShedProblem {
  const all = idleNodes.reduce((sum, one) => sum + (one.wattsScaled[0] ?? 0), jobWatts);
  return shedProblem([shedJob(1)], all - watts, { idleNodes, ...changes });
}

test("of nodes that differ the one that saves enough goes off, and no other", () => {
  const nodes = [idle(7, 1000), idle(8, 3000), idle(9, 2000), idle(10, 1000)];
  expect(planOf(over(2500, nodes)).powerOffNodes).toEqual([8]);
  expect(planOf(over(4500, nodes)).powerOffNodes).toEqual([8, 9]);
  expect(planOf(over(0, nodes)).powerOffNodes).toEqual([]);
});

test("of equal nodes those that are kept for a promised start go off last", () => {
  const nodes = [{ ...idle(7, 1000), isPromised: true }, idle(8, 1000), idle(9, 1000)];
  expect(planOf(over(1500, nodes)).powerOffNodes).toEqual([8, 9]);
  expect(planOf(over(2500, nodes)).powerOffNodes).toEqual([7, 8, 9]);
});

test("a node that helps two domains goes before one that helps one, and what is then spare stays on", () => {
  const nodes = [idle(7, 1500), idle(8, 1500, 1500), idle(9, 600)];
  const all = 3600 + jobWatts;
  const nested = shedProblem([shedJob(1)], 0, {
    idleNodes: nodes,
    roomScaled: Float64Array.of(all - 1400, 200),
  });
  expect(planOf(nested).powerOffNodes).toEqual([8]);
  // The inner domain is over by 100 W, the outer one by 1 kW: the second is spare once the third is off.
  const three = [idle(1, 500, 500), idle(2, 100, 100), idle(3, 1000)];
  const plan = planOf(
    shedProblem([shedJob(1)], 0, {
      idleNodes: three,
      roomScaled: Float64Array.of(1600 + jobWatts - 1000, 500),
    }),
  );
  expect(plan.powerOffNodes).toEqual([1, 3]);
});

test("watts that cost no speed are taken from caps, not from nodes", () => {
  const nodes = [idle(7, 1000)];
  const points = [
    { capWatts: 200, speed: 0.7, drawWatts: 195 },
    { capWatts: 320, speed: 1, drawWatts: 310 },
    { capWatts: 400, speed: 1, drawWatts: 330 },
  ];
  const job = shedJob(1, { curve: { points }, floorCapWatts: 200 });
  const at = (watts: number): ShedPlan =>
    planOf(shedProblem([job], 1000 + watts, { idleNodes: nodes }));
  expect(at(8 * 312).powerOffNodes).toEqual([]);
  expect(at(8 * 312).weightedSpeed).toBeCloseTo(8);
  expect(at(8 * 300).powerOffNodes).toEqual([7]);
});

test("nodes go off for the sake of what is curtailed only", () => {
  const nodes = [idle(7, 1000)];
  expect(planOf(over(500, nodes, { areNodesShed: Uint8Array.of(1) })).powerOffNodes).toEqual([7]);
  expect(planOf(over(500, nodes, { areNodesShed: Uint8Array.of(0) })).powerOffNodes).toEqual([]);
});

test("an event too short for a node to sleep leaves it on, unless floors need its watts", () => {
  const nodes = [idle(7, 1000), idle(8, 1000)];
  const short = { eventMs: 4 * minuteMs, noticeMs: 0, sleepMsMin: 5 * minuteMs };
  expect(planOf(over(500, nodes, short)).powerOffNodes).toEqual([]);
  expect(planOf(over(500, nodes, { ...short, eventMs: 6 * minuteMs })).powerOffNodes).toEqual([7]);
  expect(planOf(over(2700, nodes, short)).powerOffNodes).toEqual([7, 8]);
});

test("a node that is not worth waking goes off where a floor would be broken until checkpoints are written, else", () => {
  const bending = shedJob(1, { tierLossMax: 0.1, canPause: false });
  const jobs = [bending, withoutFloor(shedJob(2))];
  // With the node on, for the floor of one and a pause of the other.
  const room = 8 * bending.floorCapWatts + 8 * 55 + 2_000;
  const plan = planOf(
    shedProblem(jobs, room, {
      counts: "cap",
      idleNodes: [idle(7, 2_000)],
      eventMs: 10 * minuteMs,
      noticeMs: 0,
      sleepMsMin: 20 * minuteMs,
      switchOffMs: minuteMs,
    }),
  );
  expect(plan.powerOffNodes).toEqual([7]);
  expect(plan.pauses).toEqual([]);
});
