import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import type { CurtailmentForecast } from "./forecast.ts";
import { isTargetMet } from "./foreseen-miss.ts";

/** Eight jobs of a node each that pause for half of a curtailment at most, and a planned one of a hall from minute 15 to 45. */
function hubBesideFirst(targetWatts: number): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  hub.beginAll();
  hub.playUntil(startMs + 2 * minuteMs);
  const first = { domain: hub.hall("hall-1"), target: watts(targetWatts), ...from(15, 45) };
  expect(hub.curtail("first", first)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 20 * minuteMs);
  return hub;
}

function from(minute: number, until: number): Partial<Curtailment> {
  return {
    start: instant(startMs + minute * minuteMs),
    end: instant(startMs + until * minuteMs),
    ramp: milliseconds(0),
    baseline: watts(60_000),
  };
}

function forecastOf(hub: MeteredHub, asked: Curtailment): CurtailmentForecast {
  const preview = previewCurtailment(hub.state, asked);
  if (preview.kind === "rejected") {
    throw new Error(preview.message);
  }
  return preview.forecast;
}

/** The most that is foreseen in its time, once the target holds. */
function mostForeseen({ steps }: CurtailmentForecast, { start, end }: Curtailment): number {
  return Math.max(
    ...steps.filter(({ at }) => at >= start && at < end).map((one) => Number(one.watts)),
  );
}

test("who is paused when another one is over, and for the rest, is told to be paused all the time, and the target to be met", () => {
  const hub = hubBesideFirst(17_000);
  const wish = { target: watts(30_000), giveUp: [50], ...from(35, 95) } as const;
  const second = hub.curtailment("second", wish);
  const forecast = forecastOf(hub, second);
  expect(isTargetMet(second, forecast)).toBe(true);
  expect(mostForeseen(forecast, second)).toBeLessThanOrEqual(30_000);
  const told = forecast.jobs.filter(({ effect }) => effect === "paused");
  expect(told.map(({ lossPercent }) => lossPercent)).toEqual([100, 100, 100]);
  const lengths = told.map(({ pause }) => Number(pause?.until) - Number(pause?.from));
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(60 * minuteMs);
  expect(hub.curtail("second", wish)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 96 * minuteMs);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "second"), "second");
  expect(minutesOverCount).toBe(0);
  expect(jobs.filter(({ pausedSeconds }) => pausedSeconds >= 3_600).length).toBe(told.length);
});

test("pauses that take turns go on after another one is over, and no time of them counts twice", () => {
  for (const targetWatts of [36_000, 34_000, 33_000]) {
    const hub = hubBesideFirst(18_300);
    const second = hub.curtailment("second", { target: watts(targetWatts), ...from(35, 95) });
    const forecast = forecastOf(hub, second);
    expect(isTargetMet(second, forecast)).toBe(true);
    expect(mostForeseen(forecast, second)).toBeLessThanOrEqual(targetWatts);
    const most = Math.max(...forecast.jobs.map(({ lossPercent }) => lossPercent));
    expect(most, `most at ${targetWatts} W`).toBeLessThanOrEqual(50);
  }
});
