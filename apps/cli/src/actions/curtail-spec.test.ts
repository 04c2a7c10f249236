import { CurtailmentMode } from "@ertis/api";
import { expect, test } from "vitest";
import { noteOfEnd, readTarget, toCurtailmentSpec } from "./curtail-spec.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);

test.each([
  ["-30%", { $case: "targetPermille", value: 700 }],
  ["\u221230 %", { $case: "targetPermille", value: 700 }],
  ["-12.5%", { $case: "targetPermille", value: 875 }],
  ["70%", { $case: "targetPermille", value: 700 }],
  ["0%", { $case: "targetPermille", value: 0 }],
  ["210 MW", { $case: "targetWatts", value: 210_000_000 }],
])("the target %j", (text, expected) => {
  expect(readTarget(text)).toEqual(expected);
});

test.each(["130%", "100%", "-0%", "-101%", "30", "-30", "-2 MW", "30 mw", ""])(
  "the target %j is refused with what to write",
  (text) => {
    expect(() => readTarget(text)).toThrow(/the target/);
  },
);

test.each(["-0.001%", "0.25 %", "-1000%", "\u221212,55%"])(
  "the target %j is refused as a part that cannot be written, not as a power",
  (text) => {
    expect(() => readTarget(text)).toThrow(/at most 100 %, with at most one digit after the point/);
  },
);

test("an end that is a time of day of the next day is told", () => {
  const ask = { domainId: "hub", target: "50%" };
  const noonMs = new Date(2026, 10, 25, 12).getTime();
  const noteFor = (start: string, end: string): string | undefined => {
    const flags = { start, end, mode: "planned" } as const;
    return noteOfEnd(flags, toCurtailmentSpec(ask, flags, noonMs), noonMs);
  };
  expect(noteFor("22:00", "21:30")).toBe(
    "note: it ends the day after it begins: 2026-11-26 21:30:00, 23 h 30 min after the start",
  );
  expect(noteFor("21:00", "21:30")).toBeUndefined();
  expect(noteFor("22:00", "now+20h")).toBeUndefined();
});

test("when it begins and ends", () => {
  const ask = { domainId: "hub", target: "50%" };
  const spec = toCurtailmentSpec(
    ask,
    { notice: "10min", for: "30min", ramp: "30s", mode: "emergency" },
    nowMs,
  );
  expect(spec).toMatchObject({
    mode: CurtailmentMode.EMERGENCY,
    startTimeMs: nowMs + 600_000,
    endTimeMs: 0,
    lengthMs: 1_800_000,
    rampMs: 30_000,
  });
  const now = toCurtailmentSpec(ask, { for: "1h", mode: "planned" }, nowMs);
  expect(now).toMatchObject({ startTimeMs: 0, lengthMs: 3_600_000, rampMs: 0 });
  const until = toCurtailmentSpec(ask, { end: "now+2h", mode: "planned" }, nowMs);
  expect(until).toMatchObject({ endTimeMs: nowMs + 7_200_000, lengthMs: 0 });
  const later = toCurtailmentSpec(ask, { start: "now+1h", end: "now+3h", mode: "planned" }, nowMs);
  expect(later).toMatchObject({ endTimeMs: nowMs + 3 * 3_600_000 });
  const otherWords = { from: "now+1h", until: "now+3h", mode: "planned" } as const;
  expect(toCurtailmentSpec(ask, otherWords, nowMs)).toEqual(later);
  const wrong = [
    { start: "now+1h", from: "now+1h", for: "1h" },
    {},
    { for: "1h", end: "now+2h" },
    { start: "now+1h", notice: "1h", for: "1h" },
    { start: "now+2h", end: "now" },
    { start: "now+2h", end: "now+1h" },
    { for: "soon" },
    { for: "0s" },
  ];
  for (const flags of wrong) {
    expect(() => toCurtailmentSpec(ask, { ...flags, mode: "planned" }, nowMs)).toThrow();
  }
});
