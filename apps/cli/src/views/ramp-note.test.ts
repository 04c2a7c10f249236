import { expect, test } from "vitest";
import { toRampNote } from "./ramp-note.ts";

const limit = { rampWattsPerMinute: 720_000, rampPerMs: 60_000, rampWindowMs: 60_000 };
const nothing = {
  unplannedCount: 0,
  unplannedWatts: 0,
  unplannedOverCount: 0,
  lastUnplannedTimeMs: 0,
  emergencyCount: 0,
  emergencyWatts: 0,
};

test("a domain without a limit says nothing of ramps", () => {
  expect(toRampNote({ ...limit, rampWattsPerMinute: undefined, rampRecord: undefined })).toEqual(
    [],
  );
});

test("a limit is told as the site file counts it", () => {
  expect(toRampNote({ ...limit, rampRecord: nothing })).toEqual([
    ["dim", "ramp: 720 kW a minute on means over 1 min"],
  ]);
  const perSecond = { ...limit, rampPerMs: 1_000, rampWindowMs: 10_000, rampRecord: nothing };
  expect(toRampNote(perSecond)).toEqual([["dim", "ramp: 12.0 kW a second on means over 10 s"]]);
});

test("what came unplanned is counted, and stands out where the mean left the limit", () => {
  const rampRecord = {
    ...nothing,
    unplannedCount: 3,
    unplannedWatts: 12_000,
    lastUnplannedTimeMs: new Date(2026, 10, 26, 14, 2).getTime(),
  };
  const note = (record: typeof nothing): unknown => toRampNote({ ...limit, rampRecord: record })[0];
  const [tone, text] = note(rampRecord) as readonly string[];
  expect(tone).toBe("dim");
  expect(text).toMatch(/; 3 unplanned \(12\.0 kW\), 0 faster than that, the last .*14:02/);
  expect(note({ ...rampRecord, unplannedOverCount: 1 })).toEqual([
    "warn",
    expect.stringContaining("1 faster than that"),
  ]);
  expect(note({ ...nothing, emergencyCount: 2, emergencyWatts: 5_000 })).toEqual([
    "dim",
    "ramp: 720 kW a minute on means over 1 min; 2 in emergencies (5.00 kW)",
  ]);
});
