import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { nodeAsleep } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Event } from "../../words/event.ts";
import type { CurtailmentForecast } from "../../decide/forecast/forecast.ts";
import { previewCurtailment } from "./preview-curtailment.ts";
import { complianceOf } from "./compliance.ts";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  startMs,
} from "../../testing/test-hub.ts";

const minuteMs = 60_000;
const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) };

/** Four gangs of two nodes of several tiers fill the hub. */
function fullHub(changes: object): Hub {
  const hub = new Hub(cappedHub());
  for (const flexibilityTier of [0, 25, 50, 50] as const) {
    const common = { nodeCount: 2, walltime: milliseconds(20 * hourMs), workloadClass: "straight" };
    hub.run({ ...common, flexibilityTier, checkpoint, ...changes });
  }
  return hub;
}

function asked(changes: Partial<Curtailment>): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "emergency",
    target: watts(38_000),
    baseline: watts(42_600),
    start: instant(startMs),
    end: instant(startMs + 4 * hourMs),
    ramp: milliseconds(10 * minuteMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

function preview(hub: Hub, curtailment: Curtailment): CurtailmentForecast {
  const answer = previewCurtailment(hub.state, curtailment);
  if (answer.kind === "rejected") {
    throw new Error(answer.message);
  }
  return answer.forecast;
}

function schedule(hub: Hub, curtailment: Curtailment): readonly Event[] {
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  return hub.engine.execute(command).entry.events;
}

function nodesAsleep(hub: Hub): readonly number[] {
  const { nodeFlags } = known(hub.state.sites.get("hub"), "hub");
  return [...nodeFlags.keys()].filter((node) => ((nodeFlags[node] ?? 0) & nodeAsleep) !== 0);
}

function stepAt(forecast: CurtailmentForecast, atMs: number): number {
  return toNumber(
    known(
      forecast.steps.findLast((one) => toNumber(one.at) <= startMs + atMs),
      "step",
    ).watts,
  );
}

test("in a quiet state a preview's caps, watts and recovery are what then happens", () => {
  const hub = fullHub({});
  const curtailment = asked({});
  const forecast = preview(hub, curtailment);
  schedule(hub, curtailment);
  expect(hub.feedWatts()).toBe(stepAt(forecast, 0));
  acknowledge(hub);
  hub.wait(5_000);
  acknowledge(hub);
  expect(forecast.jobs.map((one) => [one.job, one.capWatts])).toEqual(
    attemptsOf(hub).map((one) => [one.job, one.capWatts]),
  );
  expect(Math.abs(hub.feedWatts() - stepAt(forecast, 5_000))).toBeLessThan(100);
  expect(toNumber(forecast.timeToTarget)).toBe(2_000);
  const lossOf = (job: number): number => forecast.jobs[job - 1]?.lossPercent ?? 0;
  // Two nodes of a tier-25 job at 300 W a GPU, those of a tier-50 job at 200 W.
  const common = { shrunk: 0, paused: 0 };
  expect(forecast.tiers).toEqual([
    {
      ...common,
      tierPercent: 0,
      untouched: 1,
      capped: 0,
      lossPercent: 0,
      worstLossPercent: 0,
      floor: watts(16 * 400),
    },
    {
      ...common,
      tierPercent: 25,
      untouched: 0,
      capped: 1,
      lossPercent: lossOf(2),
      worstLossPercent: lossOf(2),
      floor: watts(16 * 300),
    },
    {
      ...common,
      tierPercent: 50,
      untouched: 1,
      capped: 1,
      lossPercent: Math.round((lossOf(3) + lossOf(4)) * 50) / 100,
      worstLossPercent: Math.max(lossOf(3), lossOf(4)),
      floor: watts(2 * 16 * 200),
    },
  ]);
  expect(lossOf(2)).toBeGreaterThan(0);
  hub.wait(4 * hourMs - 5_000);
  for (let minute = 0; minute < 11; minute += 1) {
    hub.place();
    acknowledge(hub);
    expect(hub.feedWatts()).toBeLessThanOrEqual(stepAt(forecast, 4 * hourMs + minute * minuteMs));
    hub.wait(minuteMs);
  }
  hub.place();
  expect([hub.feedWatts(), stepAt(forecast, 5 * hourMs)]).toEqual([42_600, 42_600]);
});

test("and so are its pauses, in an emergency and in a planned one", () => {
  for (const mode of ["emergency", "planned"] as const) {
    const hub = fullHub({ capMin: watts(400), flexibilityTier: 50 });
    const start = instant(startMs + (mode === "planned" ? hourMs : 0));
    // Turns of it are no whole milliseconds.
    const end = instant(toNumber(start) + 4 * hourMs + 5);
    const curtailment = asked({ mode, target: watts(36_500), start, end });
    const forecast = preview(hub, curtailment);
    const foreseen = forecast.jobs
      .filter((one) => one.effect === "paused")
      .map(({ job, pause }) => [job, Number(pause?.from), Number(pause?.until)]);
    expect(foreseen.length).toBeGreaterThan(1);
    const events = [...schedule(hub, curtailment)];
    if (mode === "planned") {
      // Its checkpoints take a minute.
      hub.nowMs = toNumber(start) - minuteMs;
      events.push(...hub.engine.execute({ kind: "tick", at: instant(hub.nowMs) }).entry.events);
    }
    const planned = events
      .flatMap((event) => (event.kind === "pauses-planned" ? event.pauses : []))
      .map(({ job, fromMs, untilMs }) => [job, fromMs, untilMs]);
    expect(planned.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual(foreseen);
    // The emergency waits for the first checkpoint, the planned one has written it by then.
    const rampMs = mode === "planned" ? 10 * minuteMs : minuteMs;
    expect(toNumber(forecast.timeToTarget)).toBeLessThanOrEqual(rampMs);
    for (const { at, watts: load } of forecast.steps) {
      if (toNumber(at) >= toNumber(start) + rampMs && at < end) {
        expect(load).toBeLessThanOrEqual(36_500);
      }
    }
    expect(stepAt(forecast, 6 * hourMs)).toBe(mode === "planned" ? 42_600 - 64 * 20 : 42_600);
  }
});

test.each([
  ["a preview of a moment after the engine's last command", 7_000, 0],
  ["with a notice", 0, 40_000],
])(
  "caps that hold an emergency until idle nodes are off are foreseen: %s",
  (_, aheadMs, noticeMs) => {
    const hub = new Hub(cappedHub());
    const common = { nodeCount: 2, walltime: milliseconds(20 * hourMs), workloadClass: "straight" };
    for (const flexibilityTier of [25, 25] as const) {
      hub.run({ ...common, flexibilityTier });
    }
    // 29.8 kW: two of four idle nodes have to go off, and do not at once.
    const noticedMs = startMs + aheadMs;
    const beginMs = noticedMs + noticeMs;
    const curtailment = asked({
      target: watts(26_000),
      baseline: watts(29_800),
      noticedAt: instant(noticedMs),
      start: instant(beginMs),
      end: instant(beginMs + 3 * minuteMs),
      ramp: milliseconds(0),
    });
    const forecast = preview(hub, curtailment);
    hub.nowMs = noticedMs;
    schedule(hub, curtailment);
    const boundsFrom = (atMs: number): number => stepAt(forecast, beginMs + atMs - startMs);
    expect(hub.feedWatts()).toBe(boundsFrom(-noticeMs));
    hub.wait(noticeMs);
    hub.wait(2_000);
    acknowledge(hub);
    expect(hub.feedWatts()).toBe(boundsFrom(2_000));
    expect(forecast.jobs.map((one) => one.capWatts)).toEqual(
      attemptsOf(hub).map((one) => one.capWatts),
    );
    expect(toNumber(forecast.timeToTarget)).toBe(2_000);
    // The last moment at which they are not late.
    hub.wait(117_999);
    const off = nodesAsleep(hub);
    expect(forecast.nodesOffCount).toBe(off.length);
    hub.report(...off.map((node) => ({ kind: "node-powered-off", node }) as const));
    acknowledge(hub);
    expect(hub.feedWatts()).toBe(boundsFrom(120_000));
    hub.wait(minuteMs);
    const { jobs } = known(complianceOf(hub.state, "evening"), "evening");
    expect(forecast.jobs.every((one) => one.effect === "capped")).toBe(true);
    let sum = 0;
    for (const { job, lossPercent } of jobs) {
      const foreseen = forecast.jobs.find((one) => one.job === job)?.lossPercent ?? 0;
      expect(Math.abs(foreseen - lossPercent)).toBeLessThan(1);
      sum += lossPercent;
    }
    expect(sum).toBeGreaterThan(30);
  },
);

const noticeMs = 20_000;

/** Two nodes of the hub are busy, and four of six idle ones have to go off. */
function soonOff(changes: Partial<Curtailment>): readonly [Hub, Curtailment] {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 2, walltime: milliseconds(20 * hourMs), workloadClass: "straight" });
  const curtailment = asked({
    mode: "planned",
    target: watts(16_000),
    baseline: watts(23_000),
    start: instant(startMs + noticeMs),
    end: instant(startMs + noticeMs + 4 * minuteMs),
    ramp: milliseconds(0),
    ...changes,
  });
  return [hub, curtailment];
}

test("idle nodes count until they are surely off, also after a short ramp", () => {
  const [hub, curtailment] = soonOff({ ramp: milliseconds(minuteMs) });
  const { nodesOffCount, steps, timeToTarget } = preview(hub, curtailment);
  expect(nodesOffCount).toBeGreaterThan(0);
  // Later than the ramp is over, and not later than two minutes after the start.
  expect(toNumber(timeToTarget)).toBeGreaterThan(minuteMs);
  expect(toNumber(timeToTarget)).toBeLessThanOrEqual(2 * minuteMs);
  const heldMs = startMs + noticeMs + toNumber(timeToTarget);
  const held = steps.find((one) => toNumber(one.at) === heldMs);
  expect(toNumber(held?.watts ?? watts(99_999))).toBeLessThanOrEqual(16_000);
});

test("where only nodes are waited for it is foreseen, too, when the target holds as nodes mostly go off", () => {
  const ramped = preview(...soonOff({ ramp: milliseconds(minuteMs) }));
  expect(ramped.usualTimeToTarget).toBeLessThanOrEqual(minuteMs);
  const [hub, curtailment] = soonOff({ end: instant(startMs + noticeMs + minuteMs) });
  const seen = preview(hub, curtailment);
  expect(toNumber(seen.timeToTarget)).toBe(minuteMs);
  const usual = toNumber(known(seen.usualTimeToTarget, "usual time"));
  expect(usual).toBeLessThan(minuteMs / 2);
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  expect(hub.engine.execute(command).reply).toMatchObject({
    missed: { isTargetMet: false, usualTimeToTarget: usual },
  });
  // Within its ramp nothing is late.
  const early = { start: instant(startMs + 5 * minuteMs), end: instant(startMs + hourMs) };
  const [other, later] = soonOff({ ...early, ramp: milliseconds(10 * minuteMs) });
  expect(preview(other, later).usualTimeToTarget).toBeUndefined();
});
