import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

test("a start on nodes of jobs that a planned curtailment pauses is moved to when they are done, as it is announced", () => {
  const hub = new MeteredHub();
  const walltime = milliseconds(2 * hourMs);
  const gangs = [0, 1].map(() => hub.run({ ...pausing, nodeCount: 4, walltime }));
  const head = known(hub.state.jobs.get(hub.run({ nodeCount: 8, walltime })), "head");
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  const reply = hub.curtail("noon", { target: watts(30_000), giveUp: [50] });
  const { moved = [] } = reply.kind === "done" ? reply : {};
  const to = known(moved[0]?.to, "where the start is moved to");
  expect(moved).toMatchObject([{ job: head.number }]);
  expect(toNumber(to.start)).toBeGreaterThan(startMs + 2 * hourMs + 10 * minuteMs);
  let paused = 0;
  hub.playUntil(toNumber(to.start), () => {
    paused = Math.max(paused, hub.state.curtailments.paused.size);
  });
  expect(paused).toBeGreaterThan(0);
  expect(gangs.map((job) => hub.state.jobs.get(job)?.attemptCount)).toContain(2);
  expect(head.runningCount).toBe(1);
});

test("a start that has its watts only when a job elsewhere is done is moved to when that job is done after its pause", () => {
  const hub = new MeteredHub();
  // Beside two kilowatts of every idle node and one that is fixed: 14 kW of the 16 kW that head and gang take together.
  hub.budget("feed", "hub", 31_000, [startMs]);
  hub.run({ nodeCount: 4, gpusPerNode: 4, walltime: milliseconds(hourMs) });
  const gang = known(
    hub.state.jobs.get(hub.run({ ...pausing, walltime: milliseconds(2 * hourMs) })),
    "who is to pause",
  );
  const head = known(hub.state.jobs.get(hub.run({ nodeCount: 4 })), "head");
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  const told = known(hub.site.pools[0]?.reservations[0], "promised start");
  expect(told.nodes).not.toContain(known(hub.attempts.at(-1), "gang").heldNodes[0]);
  expect(told.startAtMs).toBeGreaterThan(startMs + 2 * hourMs);
  const reply = hub.curtail("noon", {
    domain: hub.hall("hall-2"),
    target: watts(3_000),
    giveUp: [50],
  });
  const { moved = [] } = reply.kind === "done" ? reply : {};
  const to = known(moved[0]?.to, "where the start is moved to");
  expect(toNumber(to.start)).toBeGreaterThan(startMs + 3 * hourMs);
  hub.playUntil(toNumber(to.start));
  // It may start sooner, while the gang waits, or ends before its walltime.
  expect([gang.attemptCount, head.attemptCount]).toEqual([2, 1]);
});

test("it is moved, too, where who writes a long checkpoint before the curtailment is just back when it is due", () => {
  const hub = new MeteredHub();
  hub.budget("feed", "hub", 31_000, [startMs]);
  hub.run({ nodeCount: 4, gpusPerNode: 4, walltime: milliseconds(10 * minuteMs) });
  const checkpoint = { save: milliseconds(5 * minuteMs), restore: milliseconds(minuteMs) };
  hub.run({ ...pausing, checkpoint, walltime: milliseconds(29 * minuteMs) });
  const head = known(hub.state.jobs.get(hub.run({ nodeCount: 4 })), "head");
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  expect(hub.site.pools[0]?.reservations).toMatchObject([{ job: head.number }]);
  const reply = hub.curtail("noon", {
    domain: hub.hall("hall-2"),
    target: watts(3_000),
    giveUp: [50],
    end: instant(startMs + 26 * minuteMs),
    ramp: milliseconds(0),
  });
  const { moved = [] } = reply.kind === "done" ? reply : {};
  const to = known(moved[0]?.to, "where the start is moved to");
  // Ten minutes of pause, and the checkpoint.
  expect(toNumber(to.start)).toBeGreaterThan(startMs + (29 + 15) * minuteMs);
});

test("a start on nodes that a gang keeps which gives others back is moved to when it is done on those", () => {
  const hub = new MeteredHub();
  const walltime = milliseconds(2 * hourMs);
  hub.run({ nodeCount: 4, walltime });
  const gang = hub.run({ ...pausing, capMin: watts(400), nodeCount: 4, nodeCountMin: 2, walltime });
  const head = known(hub.state.jobs.get(hub.run({ nodeCount: 8, walltime })), "head");
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  const reply = hub.curtail("noon", { target: watts(39_000) });
  const { moved = [] } = reply.kind === "done" ? reply : {};
  const to = toNumber(known(moved[0]?.to, "where the start is moved to").start);
  hub.playUntil(startMs + 30 * minuteMs);
  const shrunk = known(
    hub.attempts.find(({ job }) => job === gang),
    "gang",
  );
  expect(shrunk.heldNodes).toHaveLength(3);
  expect(to).toBeGreaterThan(startMs + 2.6 * hourMs);
  expect(shrunk.endsByMs).toBeLessThan(to);
  expect(hub.site.pools[0]?.reservations).toMatchObject([{ job: head.number }]);
});

test("a start that is promised after a curtailment is announced counts on who is foreseen to pause for it", () => {
  const hub = new MeteredHub();
  const walltime = milliseconds(4 * hourMs);
  hub.run({ ...pausing, nodeCount: 4, walltime });
  hub.run({ ...pausing, nodeCount: 4, walltime });
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  const start = instant(startMs + hourMs);
  hub.curtail("noon", { target: watts(30_000), giveUp: [50], start });
  expect(hub.state.curtailments.records.get("noon")?.isPlanned).toBe(false);
  const head = known(hub.state.jobs.get(hub.run({ nodeCount: 8 })), "head");
  const told = known(hub.site.pools[0]?.reservations[0], "promised start").startAtMs;
  expect(told).toBeGreaterThan(startMs + 4 * hourMs + 10 * minuteMs);
  hub.playUntil(told);
  expect(head.runningCount).toBe(1);
});

test("a job that pauses for two curtailments is done later by both", () => {
  const hub = new MeteredHub();
  hub.run({ ...pausing, nodeCount: 4, walltime: milliseconds(6 * hourMs) });
  hub.run({ ...pausing, nodeCount: 4, walltime: milliseconds(6 * hourMs) });
  const head = hub.run({ nodeCount: 8 });
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  const toldAfter = (id: string, atMs: number): number => {
    hub.curtail(id, { target: watts(30_000), giveUp: [50], start: instant(atMs) });
    const kept = known(hub.site.pools[0]?.reservations[0], "promised start");
    expect(kept.job).toBe(head);
    return kept.startAtMs;
  };
  const one = toldAfter("one", startMs + 2 * hourMs);
  const two = toldAfter("two", startMs + 4 * hourMs);
  expect(one).toBeGreaterThan(startMs + 6 * hourMs + 10 * minuteMs);
  expect(two).toBeGreaterThan(one + 10 * minuteMs);
});
