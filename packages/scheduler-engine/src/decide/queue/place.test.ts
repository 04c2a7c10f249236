import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, Hub, smallHub, startMs } from "../../testing/test-hub.ts";
import { startsPerPassMax } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";

test("a job held up by an overdue stop is promised a new start once a stop grace, not each second", () => {
  // 30 kW carry four idle nodes, the fixed load and two busy nodes.
  const hub = new Hub(smallHub(30));
  const walltime = milliseconds(600_000);
  for (let count = 0; count < 4; count += 1) {
    hub.run({ walltime });
  }
  const job = hub.run({ walltime });
  let madeCount = 0;
  const endMs = hub.nowMs + 3_600_000;
  for (let due = hub.engine.nextTickAtMs(); due !== undefined && due < endMs;) {
    hub.wait(Math.max(0, due - hub.nowMs));
    const promised = (): number | undefined =>
      known(hub.state.sites.get("hub"), "hub").pools[0]?.reservations[0]?.startAtMs;
    const before = promised();
    hub.place();
    madeCount += promised() === before ? 0 : 1;
    due = hub.engine.nextTickAtMs();
  }
  expect(hub.state.jobs.get(job)?.runningCount).toBe(0);
  expect(madeCount).toBeGreaterThan(1);
  expect(madeCount).toBeLessThan(60);
});

test("a job of a higher class waits for what is promised to a lower one, and is promised a start beside it", () => {
  const hub = new Hub();
  const first = hub.run();
  hub.run({ nodeCount: 5, walltime: milliseconds(10 * hourMs) });
  const pair = hub.run({ nodeCount: 2, walltime: milliseconds(2 * hourMs) });
  const waiting = hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) });
  const promisesOf = (): ReadonlyMap<number, Reservation> => {
    const pool = known(known(hub.state.sites.get("hub"), "hub").pools[0], "pool");
    return new Map(pool.reservations.map((one) => [one.job, one]));
  };
  const promised = known(promisesOf().get(waiting), "promise");
  const urgent = hub.run({ priorityClass: "urgent", walltime: milliseconds(20 * hourMs) });
  expect(promisesOf().get(waiting)).toEqual(promised);
  const beside = known(promisesOf().get(urgent), "promise of the higher class");
  expect(beside.nodes.filter((node) => promised.nodes.includes(node))).toEqual([]);
  expect(beside.startAtMs).toBeGreaterThan(startMs);
  hub.finish(first);
  hub.place();
  // One node is free now, and it is kept: the higher class would hold it for too long.
  expect(hub.state.jobs.get(urgent)?.runningCount).toBe(0);
  hub.nowMs = promised.startAtMs - 1;
  hub.finish(pair);
  // A pass ends where a promise is let go.
  hub.place();
  hub.place();
  expect([waiting, urgent].map((job) => hub.state.jobs.get(job)?.runningCount)).toEqual([1, 1]);
});

test("a promised start is kept although an older job of the same shape came back", () => {
  const hub = new Hub();
  const older = hub.submit({ nodeCount: 5, isHeld: true });
  const running = hub.run({ nodeCount: 8 });
  const promised = hub.run({ nodeCount: 5 });
  hub.change("release-jobs", [older]);
  hub.place();
  hub.wait(3 * hourMs);
  hub.finish(running);
  hub.place();
  expect(hub.state.jobs.get(promised)?.runningCount).toBe(1);
  hub.place();
  hub.finish(promised);
  hub.place();
  expect(hub.state.jobs.get(older)?.runningCount).toBe(1);
});

test("a node that is kept for the head and cordoned is replaced: the promise moves, not the job", () => {
  const hub = new Hub();
  for (let node = 0; node < 8; node += 1) {
    hub.run({ walltime: milliseconds(node < 4 ? hourMs : 2 * hourMs) });
  }
  const head = hub.run({ nodeCount: 4 });
  const kept = (): readonly number[] =>
    known(hub.state.sites.get("hub"), "hub").pools[0]?.reservations[0]?.nodes ?? [];
  expect(kept()).toEqual([0, 1, 2, 3]);
  hub.cordon(2);
  hub.place();
  expect(kept()).toHaveLength(4);
  expect(kept()).not.toContain(2);
  expect(known(hub.state.sites.get("hub"), "hub").pools[0]?.reservations[0]?.job).toBe(head);
});

test("a pass starts a bounded number, and the next goes on where it ended", () => {
  const text = smallHub(100).replace("gpuCount: 8", "gpuCount: 16");
  const hub = new Hub(
    text
      .replace("nodes: 2 × h100-8", "nodes: 12 × h100-8")
      .replaceAll(/limit: \d+ kW/g, "limit: 2 MW"),
  );
  const job = hub.submit({ taskCount: 700, gpusPerNode: 1 });
  const started: number[] = [];
  while (hub.engine.needsPass) {
    hub.place();
    started.push(known(hub.state.jobs.get(job), "job").runningCount);
  }
  expect(started).toEqual([startsPerPassMax, 2 * startsPerPassMax, 700]);
});
