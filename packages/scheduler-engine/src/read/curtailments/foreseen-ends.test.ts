import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { CurtailmentForecast } from "../../decide/forecast/forecast.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { MeasuredHub, rampedHub } from "../../testing/test-ramped-hub.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { previewCurtailment } from "./preview-curtailment.ts";

/** All nodes on, and nothing runs. */
const idleWatts = 17_000;

function asked(changes: Partial<Curtailment>): Curtailment {
  return {
    id: "noon",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(20_000),
    baseline: watts(0),
    start: instant(startMs + 4 * hourMs),
    end: instant(startMs + 5 * hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

function forecastOf(state: EngineState, curtailment: Curtailment): CurtailmentForecast {
  const answer = previewCurtailment(state, curtailment);
  if (answer.kind === "rejected") {
    throw new Error(answer.message);
  }
  return answer.forecast;
}

/** Eight jobs of a node that use these walltimes, measured for an hour. */
function measuredHub(walltimesMs: readonly number[]): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    const walltime = milliseconds(walltimesMs[job % walltimesMs.length] ?? 0);
    hub.run({ ...bending, walltime });
  }
  hub.beginAll();
  hub.playUntil(startMs + hourMs);
  return hub;
}

/** At some time after the start of the test. */
function wattsAfter({ steps }: CurtailmentForecast, ms: number): number {
  const step = steps.findLast(({ at }) => toNumber(at) <= startMs + ms);
  return toNumber(step?.watts ?? watts(0));
}

test("before the event jobs count until their walltimes end, and after it they are not back", () => {
  const hub = measuredHub([2 * hourMs, 3 * hourMs]);
  const [, drawnWatts] = known(hub.drawnWatts[0], "feed");
  expect(drawnWatts).toBeGreaterThan(40_000);
  const forecast = forecastOf(hub.state, asked({}));
  expect(forecast.jobs).toEqual([]);
  expect(toNumber(forecast.lead)).toBe(0);
  expect(wattsAfter(forecast, hourMs)).toBe(drawnWatts);
  expect(wattsAfter(forecast, 2 * hourMs - minuteMs)).toBe(drawnWatts);
  const half = wattsAfter(forecast, 2.5 * hourMs);
  expect(half).toBeLessThan(drawnWatts - 10_000);
  expect(half).toBeGreaterThan(idleWatts + 10_000);
  const last = forecast.steps.at(-1);
  expect(toNumber(last?.at ?? instant(0))).toBeGreaterThanOrEqual(startMs + 5 * hourMs);
  for (const ms of [3.5 * hourMs, 4 * hourMs - minuteMs]) {
    expect(wattsAfter(forecast, ms)).toBeLessThanOrEqual(idleWatts);
  }
  expect(toNumber(last?.watts ?? watts(0))).toBeLessThanOrEqual(idleWatts);
});

test("who ends within the event is held by it to the end, and gone after it", () => {
  const hub = measuredHub([4.5 * hourMs]);
  const forecast = forecastOf(hub.state, asked({ target: watts(38_000) }));
  expect(forecast.jobs).toHaveLength(8);
  expect(wattsAfter(forecast, 4.9 * hourMs)).toBeGreaterThan(36_000);
  expect(toNumber(forecast.steps.at(-1)?.watts ?? watts(0))).toBeLessThanOrEqual(idleWatts);
  // Whose walltime goes on draws as before.
  const longer = forecastOf(measuredHub([9 * hourMs]).state, asked({ target: watts(38_000) }));
  expect(toNumber(longer.steps.at(-1)?.watts ?? watts(0))).toBeGreaterThan(40_000);
});

test("where idle nodes alone go off no cap falls ahead of the start", () => {
  const hub = new MeasuredHub(rampedHub());
  hub.submit({ walltime: milliseconds(20 * hourMs) });
  hub.pass(4_000);
  const target = watts(hub.feedWatts() - 3_000);
  const start = instant(hub.nowMs + 2 * hourMs);
  const end = instant(hub.nowMs + 3 * hourMs);
  const forecast = forecastOf(
    hub.state,
    asked({ target, start, end, noticedAt: instant(hub.nowMs) }),
  );
  expect(forecast.nodesOffCount).toBeGreaterThan(0);
  expect(forecast.jobs.map(({ effect }) => effect)).toEqual(["untouched"]);
  expect(toNumber(forecast.lead)).toBe(0);
});
