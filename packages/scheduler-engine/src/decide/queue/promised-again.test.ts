import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../../engine.ts";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { loseReservation } from "../../apply/power.ts";
import { Hub, hourMs, smallHub, startMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Reservation } from "../../state/site-state.ts";

const graceMs = 60_000;

function promised(hub: Hub): readonly Reservation[] {
  return known(hub.state.sites.get("hub"), "hub").pools.flatMap((pool) => pool.reservations);
}

/** By job, after how many minutes it is to start. */
function minutesPromised(hub: Hub): ReadonlyMap<number, number> {
  return new Map(promised(hub).map(({ job, startAtMs }) => [job, (startAtMs - startMs) / 60_000]));
}

/** Four nodes are busy for two hours, four for one; somebody is promised three of these, one of a higher class the others. */
function hubWithTwo(): {
  readonly hub: Hub;
  readonly first: number;
  readonly low: number;
  readonly high: number;
} {
  const hub = new Hub();
  hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
  const first = hub.run({ nodeCount: 4 });
  const low = hub.run({ nodeCount: 3, walltime: milliseconds(10 * hourMs) });
  const high = hub.run({ nodeCount: 4, priorityClass: "high" });
  return { hub, first, low, high };
}

test("who could not start in time beside one of a higher class is promised a start again", () => {
  const { hub, low, high } = hubWithTwo();
  expect(minutesPromised(hub)).toEqual(
    new Map([
      [low, 61],
      [high, 121],
    ]),
  );
  hub.wait(hourMs);
  hub.place();
  // Its nodes should confirm their stop by now.
  hub.wait(graceMs);
  hub.place();
  expect(minutesPromised(hub)).toEqual(
    new Map([
      [high, 121],
      [low, 62],
    ]),
  );
});

test("who loses a node that is kept for it is promised the same start on others, beside one of a higher class", () => {
  const { hub, low, high } = hubWithTwo();
  const node = known(promised(hub).find(({ job }) => job === low)?.nodes[0], "node");
  hub.report({ kind: "node-lost", node });
  expect(minutesPromised(hub)).toEqual(new Map([[high, 121]]));
  // What was lost is known after a restart, too.
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const again = new Engine(hub.engine.limits, reader.finish());
  expect(stateDigest(again.state)).toBe(stateDigest(hub.state));
  hub.place();
  expect(minutesPromised(hub)).toEqual(
    new Map([
      [high, 121],
      [low, 61],
    ]),
  );
  expect(promised(hub).find(({ job }) => job === low)?.nodes).not.toContain(node);
});

test("who is held or has started has no start to be promised again", () => {
  const { hub, first, low, high } = hubWithTwo();
  const node = known(promised(hub).find(({ job }) => job === low)?.nodes[0], "node");
  hub.cordon(node);
  hub.change("hold-jobs", [low]);
  hub.place();
  expect(minutesPromised(hub).has(low)).toBe(false);
  hub.change("release-jobs", [low]);
  hub.change("cancel-jobs", [high]);
  hub.finish(first);
  hub.place();
  expect(activeAttempts(known(hub.state.jobs.get(low), "job"))).toHaveLength(1);
  expect(hub.state.lostPromises.size).toBe(0);
});

test("an edit of the site file leaves promised starts alone that it does not touch", () => {
  const { hub, low, high } = hubWithTwo();
  const idsOf = (): readonly (readonly string[])[] => {
    const { site } = known(hub.state.sites.get("hub"), "hub");
    return promised(hub).map(({ nodes }) => nodes.map((node) => site.nodes[node]?.id ?? ""));
  };
  const before = [minutesPromised(hub), idsOf()];
  expect(before[0]).toEqual(
    new Map([
      [low, 61],
      [high, 121],
    ]),
  );
  // Every node behind the first rack moves on by some.
  hub.register(smallHub().replace("nodes: 2 × h100-8", "nodes: 3 × h100-8"));
  expect([minutesPromised(hub), idsOf()]).toEqual(before);
});

test("an edit that leaves too little for a promised start has it promised again", () => {
  const hub = new Hub();
  hub.run({ nodeCount: 8, gpusPerNode: 2 });
  const low = hub.run({ nodeCount: 4 });
  expect(minutesPromised(hub)).toEqual(new Map([[low, 61]]));
  // Four nodes of one hall at full power are 40 kW.
  expect(hub.register(smallHub(30))).toEqual({ kind: "done" });
  expect(minutesPromised(hub)).toEqual(new Map());
  hub.place();
  expect(minutesPromised(hub)).toEqual(new Map([[low, 61]]));
});

test("who was let go for one that comes back from a pause is promised again, though others are paused still", () => {
  const hub = new MeteredHub();
  for (let count = 0; count < 8; count += 1) {
    hub.run(pausing);
  }
  hub.beginAll();
  const waiting = hub.run({ ...pausing, nodeCount: 2 });
  const start = instant(hub.nowMs + 15 * minuteMs);
  hub.curtail("evening", { target: watts(32_000), start, ramp: milliseconds(0) });
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(0);
  const [before] = promised(hub);
  expect(before?.job).toBe(waiting);
  loseReservation(hub.state, known(before, "promise"));
  hub.place();
  const [after] = promised(hub);
  expect(after?.job).toBe(waiting);
  expect(after?.startAtMs).toBe(before?.startAtMs);
});
