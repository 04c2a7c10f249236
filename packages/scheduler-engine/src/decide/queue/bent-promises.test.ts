import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const bending: Partial<JobSpec> = { flexibilityTier: 25, workloadClass: "straight" };

function attemptOf(hub: Hub, job: number): Attempt | undefined {
  return activeAttempts(known(hub.state.jobs.get(job), "job"))[0];
}

function promised(hub: Hub): Reservation | undefined {
  return hub.state.sites.get("hub")?.pools[0]?.reservations[0];
}

/** A feed for so many watts above the eight idle nodes and what is always on. */
function hubWith(aboveIdleWatts: number): Hub {
  const hub = new Hub(cappedHub());
  hub.budget("feed", "hub", hub.feedWatts() + aboveIdleWatts, [startMs]);
  return hub;
}

/** Halls whose four nodes idle at 8 kW and may draw so much more. */
function hallsWith(aboveIdleWatts: number): Hub {
  return new Hub(cappedHub((8_000 + aboveIdleWatts) / 1_000));
}

test("a gang that fits its limits only capped is taken, and starts as fast as they allow", () => {
  // Two halls of 5 kW: eight nodes at full power would draw 25.6 kW, at 156 W a GPU 10 kW.
  const hub = hallsWith(9_600);
  const job = hub.run({ ...bending, nodeCount: 8 });
  // 9,600 W for four nodes of eight GPUs are 300 W each.
  expect(attemptOf(hub, job)).toMatchObject({ capWatts: 300 });
});

test("one that fits only with fewer nodes is taken, and starts with the most that fit", () => {
  const hub = hallsWith(2 * 3_200);
  const job = hub.run({ nodeCount: 8, nodeCountMin: 2 });
  expect(attemptOf(hub, job)?.heldNodes.length).toBe(4);
});

test("one that fits only capped and with fewer nodes starts so", () => {
  const hub = hallsWith(2_400);
  const job = hub.run({ ...bending, nodeCount: 8, nodeCountMin: 2 });
  expect(attemptOf(hub, job)).toMatchObject({ capWatts: 300, heldNodes: [0, 4] });
});

test("a refusal says at which cap the gang would fit", () => {
  const hub = hallsWith(9_600);
  expect(() => hub.submit({ nodeCount: 8, workloadClass: "straight" })).toThrow(
    /largest gang of 8 GPUs a node has 6 nodes; .*capped at 300 W a GPU \(75 % of full speed\) they would fit, which a flexibility tier of 25 and a cap_min of at most 300 W allow/,
  );
  expect(() => hub.submit({ ...bending, nodeCount: 8, capMin: watts(305) })).toThrow(/never-fits/);
  expect(() =>
    hub.submit({ nodeCount: 8, flexibilityTier: 10, workloadClass: "straight" }),
  ).toThrow(/never-fits/);
});

test("a head that never fits whole is promised a start at the best cap, and keeps it", () => {
  const hub = hubWith(7 * 3_200);
  const first = hub.run({ nodeCount: 2 });
  const head = hub.run({ ...bending, nodeCount: 8 });
  expect(attemptOf(hub, head)).toBeUndefined();
  const promise = promised(hub);
  expect(promise).toMatchObject({ job: head, startAtMs: startMs + hourMs + 60_000 });
  // 7 × 3,200 W for 64 GPUs are 350 W each; the search for the cap is coarse.
  expect(promise?.capWatts).toBeGreaterThanOrEqual(335);
  expect(promise?.capWatts).toBeLessThanOrEqual(350);
  expect(promise?.holdsUntilMs).toBe(
    (promise?.startAtMs ?? 0) + Math.ceil(hourMs / ((promise?.capWatts ?? 1) / 400)) + 60_000,
  );
  // Others may not take what is kept: this one would run into it.
  const filler = hub.run({ walltime: milliseconds(2 * hourMs) });
  expect(attemptOf(hub, filler)).toBeUndefined();
  hub.finish(first);
  hub.place();
  expect(attemptOf(hub, head)?.capWatts).toBe(350);
});

test("a head waits for full power where that is sooner done, and is promised it", () => {
  const hub = hubWith(2 * 3_200 - 200);
  hub.run({ walltime: milliseconds(hourMs / 2) });
  const long = hub.run({ ...bending, walltime: milliseconds(10 * hourMs), nodeCount: 1 });
  const head = attemptOf(hub, long) === undefined ? promised(hub) : undefined;
  // Ten hours at 93 % take longer than to wait half an hour.
  expect(head).toMatchObject({ job: long, capWatts: 0 });
});

test("a head that never fits whole nor capped is promised a start with fewer nodes", () => {
  const hub = hubWith(3 * 3_200);
  const first = hub.run({ nodeCount: 3 });
  const head = hub.run({ nodeCount: 8, nodeCountMin: 2 });
  expect(promised(hub)).toMatchObject({ job: head, startAtMs: startMs + hourMs + 60_000 });
  hub.finish(first);
  hub.place();
  expect(attemptOf(hub, head)?.heldNodes.length).toBe(3);
});
