import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "./compliance.ts";
import type { CurtailmentForecast } from "../../decide/forecast/forecast.ts";
import { previewCurtailment } from "./preview-curtailment.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { capInForceOf } from "../../power/attempt-watts.ts";
import type { Attempt } from "../../state/job.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

/** GPUs draw nine tenths of what their curve says. */
class FrugalHub extends MeteredHub {
  isDipped = false;

  override drawShare(_attempt: Attempt): number {
    return this.isDipped ? 0 : 0.95 * 0.9;
  }

  get drawWatts(): number {
    return known(this.drawnWatts[0], "feed")[1];
  }
}

/** GPUs whose work asks for four fifths of their power: a cap above that saves nothing, and one below leaves what curves say. */
class FreeHub extends FrugalHub {
  heldShare = 0.95;

  override drawShare(attempt: Attempt): number {
    return Math.min(this.heldShare, (0.95 * 0.8 * 400) / capInForceOf(attempt, 400));
  }
}

const begin = instant(startMs + 90 * minuteMs);

/** Jobs of a node each, of eight, that were measured for an hour. */
function measuredHub(
  changes: object,
  jobCount = 8,
  hub = new FrugalHub(),
  untilMs = startMs + hourMs,
): FrugalHub {
  for (let job = 0; job < jobCount; job += 1) {
    hub.run({ ...bending, ...changes });
  }
  for (const { job, task, attempt } of hub.attempts) {
    hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  }
  hub.playUntil(untilMs);
  return hub;
}

function planned(hub: FrugalHub, targetWatts: number): Curtailment {
  return {
    id: "noon",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(targetWatts),
    baseline: watts(0),
    start: begin,
    end: instant(toNumber(begin) + hourMs),
    ramp: milliseconds(5 * minuteMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(hub.nowMs),
  };
}

function forecastOf(hub: FrugalHub, curtailment: Curtailment): CurtailmentForecast {
  const answer = previewCurtailment(hub.state, curtailment);
  if (answer.kind === "rejected") {
    throw new Error(answer.message);
  }
  return answer.forecast;
}

test("on a hub of a few minutes idle nodes that are enough by what is measured are all that is asked, as in the event", () => {
  // Nodes go off as long before the start as it takes to write this, which is as long as they may take.
  const checkpoint = { save: milliseconds(2 * minuteMs), restore: milliseconds(minuteMs) };
  const hub = measuredHub({ checkpoint }, 4, new FrugalHub(), startMs + 3 * minuteMs);
  const start = instant(hub.nowMs + 3 * minuteMs);
  const end = instant(toNumber(start) + 9 * minuteMs);
  const target = watts(Math.ceil((hub.drawWatts - 4 * 2_000) * 1.02));
  const asked = { ...planned(hub, toNumber(target)), start, end, ramp: milliseconds(2 * minuteMs) };
  const { jobs, nodesOffCount } = forecastOf(hub, asked);
  expect(nodesOffCount).toBe(4);
  expect(jobs.map((one) => one.lossPercent)).toEqual(jobs.map(() => 0));

  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(toNumber(end));
  const event = known(complianceOf(hub.state, "noon"), "noon");
  expect(event.minutesOverCount).toBe(0);
  expect(event.jobs.filter((one) => one.lossPercent > 0)).toEqual([]);
});

test("a target a little below what is drawn is planned from what was measured, and kept", () => {
  const hub = measuredHub({ flexibilityTier: 25 });
  const drawnWatts = hub.drawWatts;
  const asked = planned(hub, Math.floor(drawnWatts * 0.98));
  const forecast = forecastOf(hub, asked);
  expect(toNumber(known(forecast.steps[0], "first").watts)).toBe(drawnWatts);
  expect(forecast.jobs.some((one) => one.effect === "capped")).toBe(true);
  expect(toNumber(forecast.timeToTarget)).toBeLessThanOrEqual(5 * minuteMs);

  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(toNumber(asked.end));
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }
});

test.each([
  ["as curves say", 0.95],
  ["and draw a little more than curves say where a cap holds them", 0.968],
])(
  "the smallest target is held where jobs ask for less than their caps, %s: one above that saves nothing",
  (_, heldShare) => {
    const free = new FreeHub();
    free.heldShare = heldShare;
    const hub = measuredHub({ flexibilityTier: 25 }, 8, free);
    const refused = previewCurtailment(hub.state, planned(hub, 32_000));
    const smallest = toNumber(
      known(refused.kind === "rejected" ? refused.infeasible : undefined, "a refusal").smallest,
    );
    expect(smallest).toBeLessThan(hub.drawWatts);
    const asked = planned(hub, smallest);
    expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
    hub.playUntil(toNumber(asked.end));
    const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
    expect(minutesOverCount).toBe(0);
    for (const { lossPercent, tierPercent, pausedSeconds } of jobs) {
      expect(lossPercent).toBeLessThanOrEqual(tierPercent);
      expect(pausedSeconds).toBe(0);
    }
  },
);

test("who is to pause in turn does, and nobody else: what is drawn while one writes his checkpoint is not missing", () => {
  const hub = new FreeHub();
  // They take twice as long for it as they say.
  const checkpoint = { save: milliseconds(30_000), restore: milliseconds(2 * minuteMs) };
  for (const [nodeCount, flexibilityTier] of [
    [3, 50],
    [2, 25],
    [2, 50],
    [1, 50],
  ] as const) {
    hub.run({ ...pausing, checkpoint, nodeCount, nodeCountMin: nodeCount, flexibilityTier });
  }
  hub.beginAll();
  hub.playUntil(startMs + hourMs);
  const end = instant(toNumber(begin) + 2 * hourMs);
  const refused = previewCurtailment(hub.state, { ...planned(hub, 18_000), end });
  const { smallest } = known(
    refused.kind === "rejected" ? refused.infeasible : undefined,
    "a refusal",
  );
  const asked = { ...planned(hub, toNumber(smallest)), end };
  const said = forecastOf(hub, asked).jobs.filter(({ effect }) => effect === "paused");
  expect(said.length).toBeGreaterThan(1);
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(toNumber(end));
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  const paused = jobs.filter(({ pausedSeconds }) => pausedSeconds > 0);
  expect(paused.map(({ job }) => job)).toEqual(said.map(({ job }) => job));
  paused.forEach(({ pausedSeconds }, at) => {
    const { from, until } = known(known(said[at], "what was said of it").pause, "its pause");
    const saidMs = toNumber(until) - toNumber(from);
    expect(Math.abs(pausedSeconds * 1_000 - saidMs)).toBeLessThan(4 * minuteMs);
  });
});

test("what started a moment ago, or was measured long ago, counts as its curve says", () => {
  // Seven jobs whose floors take all that they draw, or more by their curves, and an idle node of 2 kW.
  const young = measuredHub({ flexibilityTier: 10 }, 7, new FreeHub());
  const asked = planned(young, young.drawWatts - 1_500);
  for (const { job } of young.attempts.slice(0, 4)) {
    young.finish(job);
    young.run({ ...bending, flexibilityTier: 10 });
  }
  // Nobody knows yet what the new ones draw.
  const refused = { code: "curtailment-breaks-floors" };
  expect(previewCurtailment(young.state, asked)).toMatchObject(refused);

  const silent = measuredHub({ flexibilityTier: 10 }, 7, new FreeHub());
  expect(previewCurtailment(silent.state, asked)).toMatchObject({ kind: "preview" });
  silent.wait(2 * minuteMs);
  expect(previewCurtailment(silent.state, asked)).toMatchObject(refused);
});

test("a checkpoint that all jobs write in the last minutes promises nothing", () => {
  const hub = measuredHub({ flexibilityTier: 25 });
  const asked = planned(hub, Math.floor(hub.drawWatts * 0.98));
  const before = forecastOf(hub, asked).jobs;
  hub.isDipped = true;
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  expect(forecastOf(hub, asked).jobs).toEqual(before);
  // Whoever goes on like that waits for something, and will draw again.
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  const low = planned(hub, 20_000);
  expect(previewCurtailment(hub.state, low)).toMatchObject({ code: "curtailment-breaks-floors" });
});

test("where idle nodes go off for it, the watts foreseen are those that are then measured", () => {
  // Five jobs and three idle nodes; one of them is enough.
  const hub = measuredHub({ flexibilityTier: 25 }, 5);
  const asked = planned(hub, hub.drawWatts - 1_500);
  const forecast = forecastOf(hub, asked);
  expect(forecast.nodesOffCount).toBe(1);
  // So long it may take to switch off.
  expect(toNumber(forecast.timeToTarget)).toBe(2 * minuteMs);
  hub.curtail("noon", asked);
  hub.playUntil(toNumber(asked.end) - minuteMs, () => {
    const foreseen = forecast.steps.findLast((one) => toNumber(one.at) < hub.nowMs);
    const foreseenWatts = toNumber(known(foreseen, "step").watts);
    const intoMs = hub.nowMs - toNumber(begin);
    expect(hub.drawWatts).toBeLessThanOrEqual(foreseenWatts);
    if (intoMs <= 0 || intoMs > 2 * minuteMs) {
      expect(hub.drawWatts).toBe(foreseenWatts);
    }
  });
  expect(hub.attempts.every((one) => one.capWatts === 0)).toBe(true);
});
