import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { nextWakeMs } from "../../power/promised-wakes.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Reply } from "../../words/reply.ts";
import { bending, cancel, code, minuteMs } from "../../testing/test-full-hub.ts";
import { MeteredHub } from "../../testing/test-metered-hub.ts";
import { PromisedHub, stepMs, walltime } from "../../testing/test-promised-hub.ts";

const sleepers = [4, 5, 6, 7];

function loadsOf({ horizons }: SiteState): unknown {
  return horizons.map(({ atMs, load }) => [atMs, [...load]]);
}

function expectKept(hub: PromisedHub, promisedMs: number): void {
  hub.passUntil(promisedMs + stepMs);
  expect(hub.startedMs).toBeLessThanOrEqual(promisedMs);
}

test("idle nodes that are kept for a start after a curtailment go off for it, and the start is kept", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  expect(code(hub.curtail())).toBe("done");
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expect(hub.feedWatts()).toBeLessThanOrEqual(22_000);
  expect(hub.promisedMs).toBe(promisedMs);
  // With the last watts of the recovery they are on again.
  hub.passUntil(startMs + 1.5 * hourMs + 2 * minuteMs);
  expect(hub.nodesWith(nodeOff | nodeAsleep)).toEqual([]);
  expectKept(hub, promisedMs);
});

test("also while a curtailment elsewhere lasts beyond their start: it keeps none of them off", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  const hall = (name: string): string =>
    known(
      hub.site.site.domains.find(({ id }) => id.endsWith(name)),
      name,
    ).id;
  const [start, end] = [instant(startMs), instant(startMs + 9 * hourMs)];
  const elsewhere = { domain: hall("hall-1"), target: watts(50_000), start, end };
  expect(code(hub.curtail({ id: "all-day", ...elsewhere }))).toBe("done");
  expect(code(hub.curtail({ domain: hall("hall-2"), target: watts(1_000) }))).toBe("done");
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expectKept(hub, promisedMs);
});

test("in an emergency, too", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const end = instant(startMs + hourMs);
  expect(code(hub.curtail({ mode: "emergency", start: instant(startMs), end }))).toBe("done");
  expect(hub.nodesWith(nodeAsleep)).toEqual(sleepers);
});

test("the watts of a start whose nodes are off are promised to nobody else", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + hourMs);
  const scale = hub.site.site.domains[0]?.loadScale ?? 1;
  const loads = hub.site.horizons.map(({ atMs, load }) => [atMs, (load[0] ?? 0) / scale]);
  // On from the moment at which they are woken at the latest, then all at full power.
  expect(loads).toEqual([
    [-Infinity, 21_800],
    [promisedMs - 4 * minuteMs, 29_800],
    [promisedMs, 42_600],
  ]);
  const wakeByMs = promisedMs - 4 * minuteMs;
  const looks = [hub.nowMs, wakeByMs, wakeByMs + 7_000].map((atMs) => nextWakeMs(hub.site, atMs));
  expect(looks).toEqual([wakeByMs, wakeByMs + 5_000, wakeByMs + 10_000]);
});

test("one that is over just in time", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  expect(hub.curtail({ end: instant(promisedMs - 6 * minuteMs) })).toEqual({ kind: "done" });
  expectKept(hub, promisedMs);
});

test("one whose recovery has given back what was shed by the time at which they are woken", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  const end = instant(promisedMs - 8 * minuteMs);
  const slowly = { ramp: milliseconds(3 * minuteMs), baseline: watts(29_800) };
  // Whoever waits on top of it gets its watts until two minutes before the start.
  expect(code(hub.curtail({ end, ...slowly }))).toBe("done");
  hub.passUntil(promisedMs - 5 * minuteMs - 1);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expectKept(hub, promisedMs);
});

test("while a supply is lost, of which nobody knows when it is back, they go off for one, too, and are woken for the start", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(43_000) });
  expect(code(hub.curtail())).toBe("done");
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expect(hub.feedWatts()).toBeLessThanOrEqual(22_000);
  // It is still lost when they are due.
  hub.passUntil(promisedMs - 4 * minuteMs - stepMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expectKept(hub, promisedMs);
  expect(hub.feedWatts()).toBeLessThanOrEqual(43_000);
});

test("a supply that is lost elsewhere keeps none of them on", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  const domain = known(hub.site.domainIndexById.get("hub/sub-1/hall-1"), "hall");
  hub.report({ kind: "supply-lost", domain, remaining: watts(21_000) });
  expect(code(hub.curtail())).toBe("done");
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expectKept(hub, promisedMs);
});

test.each([
  ["before", 15 * minuteMs],
  ["as soon as nodes are told to go off", 29 * minuteMs],
  ["when they are off", 45 * minuteMs],
  ["shortly before its end", 89 * minuteMs],
])("a curtailment is cancelled %s: the start is kept", (_, afterMs) => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + afterMs - stepMs);
  hub.wait(stepMs);
  expect(code(cancel(hub))).toBe("done");
  hub.pass(10 * minuteMs);
  expect(hub.nodesWith(nodeOff | nodeAsleep)).toEqual([]);
  expect(hub.promisedMs).toBe(promisedMs);
  expectKept(hub, promisedMs);
});

test("nodes that are on their way off when it is cancelled come back once they are off", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + 29 * minuteMs);
  expect([hub.nodesWith(nodeAsleep), hub.nodesWith(nodeOff)]).toEqual([sleepers, []]);
  cancel(hub);
  hub.wait(1_000);
  for (const node of sleepers) {
    hub.report({ kind: "node-powered-off", node });
  }
  hub.pass(3 * minuteMs, hourMs);
  expect(hub.nodesWith(nodeOff | nodeAsleep)).toEqual([]);
  expectKept(hub, promisedMs);
});

test("in a second one that lasts until after the start its nodes are woken for it all the same", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + hourMs);
  const start = instant(hub.nowMs);
  const end = instant(promisedMs + hourMs);
  expect(code(hub.curtail({ id: "longer", target: watts(43_000), start, end }))).toBe("done");
  hub.passUntil(promisedMs - 5 * minuteMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  hub.passUntil(promisedMs - 4 * minuteMs);
  expect(hub.nodesWith(nodeOff)).toEqual([]);
  expectKept(hub, promisedMs);
});

test("in one that bounds hold others give way for the nodes when they are due", () => {
  const six = { ...bending, nodeCount: 6, gpusPerNode: 4, walltime };
  const hub = new PromisedHub({ runMs: 2 * hourMs, head: six });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + hourMs);
  const start = instant(hub.nowMs);
  const end = instant(promisedMs + hourMs);
  // 21.8 kW are drawn, and 4 kW come: the start is to be on the first six.
  expect(code(hub.curtail({ id: "longer", target: watts(25_000), start, end }))).toBe("done");
  hub.passUntil(promisedMs - 4 * minuteMs - 1);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  hub.pass(3 * stepMs, hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual([6, 7]);
  expect(hub.feedWatts()).toBeLessThanOrEqual(25_000);
});

/**
 * Four nodes bend, a fifth sleeps that is kept for a gang of five, and a target of 22.5 kW lasts beyond its start:
 * 21.2 kW are drawn, and 2 kW come.
 */
function steeredFor<H extends MeteredHub>(hub: H): { readonly hub: H; readonly wakeByMs: number } {
  const runs = { ...bending, walltime: milliseconds(2 * hourMs) };
  hub.run({ ...runs, nodeCount: 4 });
  hub.run({ ...runs, nodeCount: 5, gpusPerNode: 4 });
  const [promised] = hub.site.pools.flatMap((pool) => pool.reservations);
  const { nodes, wakeByMs } = known(promised, "promise");
  expect(nodes).toEqual([0, 1, 2, 3, 4]);
  hub.curtail("evening", { target: watts(22_000) });
  hub.playUntil(startMs + hourMs);
  const longer = { start: instant(hub.nowMs), end: instant(wakeByMs + 2 * hourMs) };
  const asked = { target: watts(22_500), baseline: watts(29_000), ...longer };
  expect(code(hub.curtail("longer", asked))).toBe("done");
  return { hub, wakeByMs };
}

test("a target of measured draw does not hold them up, though bounds are above it", () => {
  const { hub, wakeByMs } = steeredFor(new MeteredHub());
  hub.playUntil(wakeByMs - 10_000);
  expect(hub.site.nodeFlags[4]).not.toBe(0);
  hub.playUntil(wakeByMs + 10_000);
  expect(hub.site.nodeFlags[4]).toBe(0);
  hub.playUntil(wakeByMs + 2 * minuteMs);
  expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(22_500);
});

/** Measured so seldom that a minute is over before anybody could follow. */
class SeldomHub extends MeteredHub {
  override get periodMs(): number {
    return minuteMs;
  }
}

test("below such a target others are lowered for what they will draw before they wake", () => {
  const { hub, wakeByMs } = steeredFor(new SeldomHub());
  const drawn: number[] = [];
  hub.playUntil(wakeByMs + 3 * minuteMs, () => {
    drawn.push(hub.drawnWatts[0]?.[1] ?? 0);
  });
  expect(hub.site.nodeFlags[4]).toBe(0);
  expect(Math.max(...drawn.slice(-6))).toBeLessThanOrEqual(22_500);
});

test("a second one in which the nodes wake counts what they will draw: it moves the start, which one that is over by then keeps", () => {
  const hubWith = (beforeMs: number): { readonly hub: PromisedHub; readonly reply: Reply } => {
    const hub = new PromisedHub({ runMs: 2 * hourMs });
    hub.curtail();
    hub.passUntil(startMs + hourMs);
    const [start, end] = [instant(hub.nowMs), instant(hub.promisedMs - beforeMs)];
    return { hub, reply: hub.curtail({ id: "longer", start, end }) };
  };
  const { hub, reply } = hubWith(minuteMs);
  expect(reply).toMatchObject({ kind: "done", moved: [{ job: hub.head }] });
  expectKept(hub, hub.promisedMs);
  const other = hubWith(6 * minuteMs);
  expect(other.reply).toEqual({ kind: "done" });
  expectKept(other.hub, other.hub.promisedMs);
});

test("an edited site file leaves the promise, and its nodes asleep, as they are", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  hub.curtail();
  hub.passUntil(startMs + hourMs);
  const before = loadsOf(hub.site);
  hub.register(cappedHub().replace("title: A small site", "title: A site"));
  expect([hub.promisedMs, hub.nodesWith(nodeOff)]).toEqual([promisedMs, sleepers]);
  expect(loadsOf(hub.site)).toEqual(before);
  expectKept(hub, promisedMs);
});

test("a start that is promised is the same after a snapshot, its nodes off", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  hub.curtail();
  hub.passUntil(startMs + hourMs);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  expect(loadsOf(known(reader.finish().sites.get("hub"), "site"))).toEqual(loadsOf(hub.site));
});
