import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { Curtailment } from "../words/curtailment.ts";
import { ceilingWatts, changesOf, givesMoreFromMs, isFelt, recoveredAtMs } from "./recovery.ts";

const minuteMs = 60_000;
const endMs = 100 * minuteMs;
const usableWatts = 300_000;

function curtailment(changes: Partial<Curtailment>): Curtailment {
  return {
    id: "peak",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(100_000),
    baseline: watts(150_000),
    start: instant(0),
    end: instant(endMs),
    ramp: milliseconds(10 * minuteMs),
    reason: "",
    setBy: "",
    noticedAt: instant(0),
    ...changes,
  };
}

/** The ceilings from the end on, one for each moment at which they change. */
function ceilingsOf(one: Curtailment): readonly number[] {
  return changesOf(one)
    .filter((atMs) => atMs >= endMs)
    .map((atMs) => ceilingWatts(one, usableWatts, atMs));
}

test("after the end what was shed comes back in tenths of the ramp, then what waited, as slowly", () => {
  const one = curtailment({});
  const ceilings = ceilingsOf(one);
  expect(ceilings.slice(0, 10)).toEqual(
    Array.from({ length: 10 }, (_, step) => 105_000 + step * 5_000),
  );
  expect(ceilings.slice(10, 20)).toEqual(
    Array.from({ length: 10 }, (_, step) => 165_000 + step * 15_000),
  );
  expect(givesMoreFromMs(one)).toBe(endMs + 10 * minuteMs);
  expect(recoveredAtMs(one)).toBe(endMs + 20 * minuteMs);
  expect(isFelt(one, recoveredAtMs(one) - 1)).toBe(true);
  expect(isFelt(one, recoveredAtMs(one))).toBe(false);
});

test("where nothing is known of before, or no more than the target was drawn, there is one stage", () => {
  for (const baseline of [watts(0), watts(100_000), watts(90_000)]) {
    const one = curtailment({ baseline });
    const ceilings = ceilingsOf(one);
    expect(ceilings[0]).toBe(120_000);
    expect(ceilings[9]).toBe(usableWatts);
    expect(recoveredAtMs(one)).toBe(endMs + 10 * minuteMs);
  }
});

test("one without a ramp takes a minute for each stage; a limit below the baseline ends the first", () => {
  const one = curtailment({ ramp: milliseconds(0), baseline: watts(400_000) });
  expect(recoveredAtMs(one)).toBe(endMs + 2 * minuteMs);
  expect(ceilingWatts(one, usableWatts, endMs)).toBe(120_000);
  expect(ceilingWatts(one, usableWatts, endMs + minuteMs)).toBe(usableWatts);
});
