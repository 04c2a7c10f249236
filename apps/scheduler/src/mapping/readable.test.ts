import { expect, test } from "vitest";
import { readableInstant, readableLength, readableMoment } from "./readable.ts";

test("a moment of today is a time, any other has its date", () => {
  const nowMs = Date.UTC(2026, 10, 25, 19, 7);
  expect(readableMoment(Date.UTC(2026, 10, 25, 19, 58, 42, 502), nowMs)).toBe("19:58 UTC");
  expect(readableMoment(Date.UTC(2026, 10, 26, 3, 10), nowMs)).toBe("2026-11-26 03:10 UTC");
  expect(readableMoment(Date.UTC(2025, 10, 25, 19, 58), nowMs)).toBe("2025-11-25 19:58 UTC");
});

test("an instant is told with day and second; what is none stays a number", () => {
  expect(readableInstant(Date.UTC(2026, 10, 26, 3, 10, 5))).toBe("2026-11-26 03:10:05 UTC");
  expect(readableInstant(-5)).toBe("-5 ms");
  expect(readableInstant(Infinity)).toBe("Infinity ms");
});

test("a length that is none stays a number", () => {
  expect(readableLength(9_000_000)).toBe("2 h 30 min");
  expect(readableLength(-1)).toBe("-1 ms");
});
