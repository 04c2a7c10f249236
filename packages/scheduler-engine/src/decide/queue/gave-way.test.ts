import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits, gaveWayMs, victimWorkMinMs } from "../../limits.ts";
import { planJob } from "../../read/explain/plan.ts";
import { explained, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import {
  fill,
  runningCount,
  saveAndLeave,
  share,
  stoppingOf,
} from "../../testing/test-preemption.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const urgent: Partial<JobSpec> = {
  project: "p2",
  priorityClass: "urgent",
  walltime: milliseconds(40 * hourMs),
};
/** Cheaper to stop than the others. */
const normal: Partial<JobSpec> = {
  priorityClass: "normal",
  checkpoint: { save: milliseconds(5_000), restore: milliseconds(10_000) },
};
const fixed = { preemptible: false, priorityClass: "normal" } as const;

interface GaveWay {
  readonly hub: Hub;
  readonly stopped: number;
  readonly gang: number;
  readonly rest: readonly number[];
  /** When it was told to stop. */
  readonly atMs: number;
}

/** A gang of four of the lowest class runs, and a job of a higher has just stopped for the highest. */
function gaveWay(begin: (hub: Hub) => void = () => undefined): GaveWay {
  const hub = new Hub();
  begin(hub);
  const [gang = 0] = fill(hub, { nodeCount: 4 }, 1);
  const rest = fill(hub, fixed, 3);
  const [stopped = 0] = fill(hub, { ...normal, project: "p2" }, 1);
  hub.wait(victimWorkMinMs);
  hub.place();
  const plan = planJob(hub.state, defaultLimits, spec(urgent), "aida");
  expect(plan).toMatchObject({ preempted: [stopped] });
  const job = hub.run(urgent);
  expect(stoppingOf(hub)).toEqual([stopped]);
  const atMs = hub.nowMs;
  hub.wait(5_000);
  saveAndLeave(hub, stopped);
  hub.place();
  hub.place();
  expect(runningCount(hub, job)).toBe(1);
  return { hub, stopped, gang, rest, atMs };
}

test("who was stopped for another stops nobody in turn for an hour, and is told so", () => {
  const { hub, stopped, gang, atMs } = gaveWay();
  expect(stoppingOf(hub)).toEqual([]);
  expect(explained(hub, stopped).mayPreempt).toMatchObject({
    fromMs: atMs + gaveWayMs,
    victims: [gang],
  });
  hub.wait(atMs + gaveWayMs - hub.nowMs - 1_000);
  hub.place();
  expect(stoppingOf(hub)).toEqual([]);
  expect(hub.engine.nextTickAtMs()).toBe(hub.nowMs + 1_000);
  hub.wait(1_000);
  expect(hub.engine.needsPass).toBe(true);
  hub.place();
  hub.place();
  expect(stoppingOf(hub)).toEqual([gang]);
});

test("it starts meanwhile as soon as there is room", () => {
  const { hub, stopped, rest } = gaveWay();
  hub.finish(rest[0] ?? 0);
  hub.place();
  expect(runningCount(hub, stopped)).toBe(1);
});

test("what its account is guaranteed it has back at once", () => {
  const { hub, gang } = gaveWay((one) => {
    share(one, [
      { id: "north", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
      { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
      { id: "north/p1", weight: 1 },
      { id: "south/p2", weight: 1 },
    ]);
  });
  expect(stoppingOf(hub)).toEqual([gang]);
});
