import { expect, test, vi } from "vitest";
import { readInstant } from "./read-instant.ts";

const nowMs = Date.UTC(2026, 10, 25, 12, 0);
const hourMs = 3_600_000;

test.each([
  ["now", nowMs],
  ["now+2h", nowMs + 2 * hourMs],
  ["+90 min", nowMs + 1.5 * hourMs],
  ["2026-11-26T06:00:00Z", Date.UTC(2026, 10, 26, 6)],
  ["2026-11-26T11:00:00+05:00", Date.UTC(2026, 10, 26, 6)],
])("--begin %s", (text, expected) => {
  expect(readInstant(text, nowMs)).toEqual({ kind: "ok", value: expected });
});

test("a time of day is the next one to come, within a day", () => {
  for (const text of ["00:00", "06:30", "12:00", "23:59", "15:03:30"]) {
    const read = readInstant(text, nowMs);
    const value = read.kind === "ok" ? read.value : 0;
    expect(value).toBeGreaterThan(nowMs);
    expect(value).toBeLessThanOrEqual(nowMs + 25 * hourMs);
    expect(new Date(value).getMinutes()).toBe(Number(text.slice(3, 5)));
    expect(new Date(value).getSeconds()).toBe(Number(text.slice(6)));
  }
});

test.each(["", "tomorrow", "25:00", "12:00:60", "2026-13-01", "2026-02-30T25:00", "11/25/26"])(
  "--begin %j is refused",
  (text) => {
    expect(readInstant(text, nowMs).kind).toBe("wrong");
  },
);

test("a moment before now is told to be past", () => {
  expect(readInstant("now-1h", nowMs)).toMatchObject({
    kind: "wrong",
    message: expect.stringContaining('"now-1h" is in the past'),
  });
});

test.each([
  ["2026-11-31 18:00", "November 2026 has the days 1 to 30, not 31"],
  ["2026-02-30", "February 2026 has the days 1 to 28, not 30"],
  ["2026-02-29T10:00:00Z", "February 2026 has the days 1 to 28, not 29"],
  ["2026-11-00", "November 2026 has the days 1 to 30, not 0"],
  ["2026-13-01", "there is no month 13"],
  [
    "2026-11-30T24:00",
    "24:00 is not a time of day, which is 00:00 to 23:59:59; midnight is 00:00 of",
  ],
  ["2026-11-30T24:00:00+05:00", "24:00:00 is not a time of day"],
  ["2026-11-30 18:60", "18:60 is not a time of day"],
])("%s is refused instead of counted on, and says what is wrong", (text, message) => {
  const read = readInstant(text, nowMs);
  expect(read.kind === "wrong" ? read.message : "").toContain(
    `"${text}" does not exist: ${message}`,
  );
});

test("29 February exists in leap years", () => {
  expect(readInstant("2028-02-29T10:00:00Z", nowMs)).toMatchObject({
    value: Date.UTC(2028, 1, 29, 10),
  });
});

test("what the clocks skip in spring does not exist either", () => {
  vi.stubEnv("TZ", "Europe/Berlin");
  try {
    expect(readInstant("2026-03-29 02:30", nowMs)).toMatchObject({
      message: expect.stringContaining("the clocks of this machine's time zone skip it"),
    });
    const nightBeforeMs = Date.parse("2026-03-28T20:00:00Z");
    expect(readInstant("2:30", nightBeforeMs)).toMatchObject({
      message: expect.stringContaining('"02:30" does not exist: the clocks'),
    });
    // On the day itself it is the next one's that is still to come.
    const afterMs = Date.parse("2026-03-29T02:00:00Z");
    expect(readInstant("2:30", afterMs)).toMatchObject({
      value: Date.parse("2026-03-30T00:30:00Z"),
    });
    expect(readInstant("2026-03-29 03:30", nowMs)).toMatchObject({ kind: "ok" });
    expect(readInstant("2026-03-29T02:30:00Z", nowMs)).toMatchObject({ kind: "ok" });
  } finally {
    vi.unstubAllEnvs();
  }
});
