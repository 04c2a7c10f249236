import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test, vi } from "vitest";
import { startMs } from "../../testing/test-hub.ts";
import type { Entry } from "../../words/event.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** The lowest cap in a hall, W a GPU: full power is 400. */
function lowestCap(hub: MeteredHub, hall: string): number {
  const { site } = hub;
  const at = site.domainIndexById.get(hub.hall(hall));
  return hub.attempts.reduce((least, { heldNodes, capWatts }) => {
    let domain = site.nodeDomain[heldNodes[0] ?? 0] ?? -1;
    while (domain >= 0 && domain !== at) {
      domain = site.parent[domain] ?? -1;
    }
    return domain < 0 ? least : Math.min(least, capWatts || 400);
  }, Number.POSITIVE_INFINITY);
}

function fullHub(): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(bending);
  }
  hub.playUntil(startMs + 5 * minuteMs);
  return hub;
}

function curtailHall(hub: MeteredHub, hall: string, minutes: number, targetWatts = 16_000): void {
  const start = instant(hub.nowMs + 15 * minuteMs);
  const end = instant(hub.nowMs + (15 + minutes) * minuteMs);
  const target = watts(targetWatts);
  expect(hub.curtail(hall, { domain: hub.hall(hall), target, start, end })).toEqual({
    kind: "done",
  });
}

test("caps rise where a curtailment is over while another one of the site goes on", () => {
  const hub = fullHub();
  curtailHall(hub, "hall-1", 30);
  curtailHall(hub, "hall-2", 120);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(lowestCap(hub, "hall-1")).toBeLessThan(360);
  expect(lowestCap(hub, "hall-2")).toBeLessThan(360);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(lowestCap(hub, "hall-1")).toBe(400);
  expect(lowestCap(hub, "hall-2")).toBeLessThan(360);
});

test("caps rise that a budget held, while the other hall is curtailed", () => {
  const hub = fullHub();
  curtailHall(hub, "hall-1", 120);
  hub.budget("works", hub.hall("hall-2"), 16_000, [hub.nowMs]);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(lowestCap(hub, "hall-2")).toBeLessThan(360);
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "remove-budget", at, by: "olga", id: "works", reason: "over" });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  expect(lowestCap(hub, "hall-2")).toBe(400);
  expect(lowestCap(hub, "hall-1")).toBeLessThan(360);
});

test("nodes wake where a curtailment is over while another one of the site goes on", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 5; job += 1) {
    hub.run(bending);
  }
  hub.playUntil(startMs + 5 * minuteMs);
  const asleepAt = (): readonly number[] =>
    [...hub.site.nodeFlags.keys()].filter((node) => (hub.site.nodeFlags[node] ?? 0) !== 0);
  // One node runs in the second hall, three idle there.
  curtailHall(hub, "hall-2", 30, 5_000);
  curtailHall(hub, "hall-1", 120);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(asleepAt()).toHaveLength(3);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  expect(asleepAt()).toEqual([]);
  expect(lowestCap(hub, "hall-1")).toBeLessThan(360);
});

test("caps fall for a newcomer where no curtailment is on, and not below one", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 7; job += 1) {
    hub.run(bending);
  }
  hub.playUntil(startMs + 5 * minuteMs);
  curtailHall(hub, "hall-1", 120);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  const before = lowestCap(hub, "hall-1");
  // Half of what the fourth node of the second hall takes at full power is free there.
  hub.budget("works", hub.hall("hall-2"), 4 * 2_000 + 3 * 3_200 + 1_600, [hub.nowMs]);
  const newcomer = hub.run({ ...bending, flexibilityTier: 0 });
  hub.playUntil(hub.nowMs + minuteMs);
  expect(hub.state.jobs.get(newcomer)?.runningCount).toBe(1);
  expect(lowestCap(hub, "hall-2")).toBeLessThan(360);
  expect(Math.abs(lowestCap(hub, "hall-1") - before)).toBeLessThan(20);
});

test("free nodes below a curtailment keep caps from falling for nodes elsewhere no more than busy ones", () => {
  const hub = new MeteredHub();
  const jobs = [0, 1, 2, 3, 4, 5, 6].map(() => hub.run(bending));
  hub.playUntil(startMs + 5 * minuteMs);
  curtailHall(hub, "hall-1", 120, 60_000);
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  hub.finish(jobs[3] ?? 0);
  // Half of what a node takes at full power is free at the feed, and a node in each hall.
  hub.budget("works", "hub", hub.feedWatts() + 1_600, [hub.nowMs]);
  const newcomer = hub.run({ ...bending, flexibilityTier: 0 });
  hub.playUntil(hub.nowMs + minuteMs);
  expect(hub.state.jobs.get(newcomer)?.runningCount).toBe(1);
  expect(lowestCap(hub, "hall-1")).toBe(400);
  expect(lowestCap(hub, "hall-2")).toBeLessThan(400);
});

/** Jobs whose caps one command sent up and down again. */
function upAndDown({ events }: Entry): readonly number[] {
  const orders = events.filter((event) => event.kind === "cap-set");
  const jobs = orders.map(({ attempt }) => attempt.job);
  return jobs.filter((job, at) => jobs.indexOf(job) < at);
}

test("a budget that floors of one hall cannot keep sends no cap up and down in the other, where a steering and an emergency hold it, and leaves it no watts unused", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...bending, flexibilityTier: job % 2 === 0 ? 25 : 50 });
  }
  hub.playUntil(startMs + 5 * minuteMs);
  const endMs = startMs + 3 * 60 * minuteMs;
  const start = instant(hub.nowMs);
  const planned = { target: watts(37_000), start, end: instant(endMs), ramp: milliseconds(0) };
  expect(hub.curtail("planned", planned)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 20 * minuteMs);
  const execute = vi.spyOn(hub.engine, "execute");
  const end = instant(hub.nowMs + 10 * minuteMs);
  const emergency = {
    mode: "emergency",
    target: watts(35_000),
    start: instant(hub.nowMs),
  } as const;
  expect(hub.curtail("emergency", { ...planned, ...emergency, end })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  hub.budget("works", hub.hall("hall-2"), 14_000, [hub.nowMs]);
  hub.playUntil(hub.nowMs + 3 * minuteMs);
  const usedWatts: number[] = [];
  hub.playUntil(Number(end) - minuteMs, () => usedWatts.push(hub.feedWatts()));
  expect(Math.min(...usedWatts)).toBeGreaterThan(0.98 * 35_000);
  expect(Math.max(...usedWatts)).toBeLessThanOrEqual(35_000);
  hub.playUntil(Number(end) + 10 * minuteMs);
  expect(lowestCap(hub, "hall-1")).toBe(400);
  const flapping = execute.mock.results.flatMap(({ value, type }) =>
    type === "return" ? upAndDown(value.entry) : [],
  );
  expect(flapping).toEqual([]);
});
