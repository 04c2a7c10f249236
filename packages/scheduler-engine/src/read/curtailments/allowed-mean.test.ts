import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { Curtailment } from "../../words/curtailment.ts";
import { allowedMean } from "./allowed-mean.ts";

const startMs = 1_800_000_000_000;

function allowed(
  fromMs: number,
  untilMs: number,
  { rampMs = 60_000, drawnBeforeWatts = 0 } = {},
): number {
  const curtailment: Curtailment = {
    id: "peak",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(180),
    baseline: watts(260),
    start: instant(startMs),
    end: instant(startMs + 600_000),
    ramp: milliseconds(rampMs),
    reason: "",
    setBy: "",
    noticedAt: instant(startMs),
  };
  const stretch = { fromMs: startMs + fromMs, untilMs: startMs + untilMs };
  return allowedMean({ curtailment, drawnBeforeWatts }, stretch);
}

test("a stretch is allowed the mean of the line over it", () => {
  expect(allowed(-60_000, 0)).toBe(260);
  expect(allowed(0, 60_000)).toBe(220);
  expect(allowed(60_000, 120_000)).toBe(180);
  // Half in the second half of the ramp, half after it: 200 and 180 on average.
  expect(allowed(30_000, 90_000)).toBe(190);
  expect(allowed(-30_000, 30_000)).toBe(250);
  expect(allowed(-30_000, 30_000, { rampMs: 0 })).toBe(220);
});

test("its line begins where the draw was, wherever the baseline lies, and never below the target", () => {
  expect(allowed(0, 60_000, { drawnBeforeWatts: 300 })).toBe(240);
  expect(allowed(0, 60_000, { drawnBeforeWatts: 200 })).toBe(190);
  expect(allowed(0, 60_000, { drawnBeforeWatts: 150 })).toBe(180);
});

test("a stretch without length is one moment", () => {
  expect(allowed(30_000, 30_000)).toBe(220);
});

test("what is allowed in a minute is what was drawn before the start, the ramp's line in it, the target after", () => {
  const whole = [-1, 0, 2, 4, 5, 60].map((minute) =>
    allowed(minute * 60_000, (minute + 1) * 60_000, { rampMs: 300_000 }),
  );
  expect(whole).toEqual([260, 252, 220, 188, 180, 180]);
});
