import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { acknowledge, hourMs, startMs } from "../../testing/test-hub.ts";
import { heldBelow } from "./held-below.ts";

const nobody = { cappedCount: 0, pausedCount: 0 };
const laterMs = startMs + 2 * hourMs;

test("one that has lowered nothing yet, or is not known, holds nobody", () => {
  const hub = fullHub();
  const later = { start: instant(laterMs), end: instant(laterMs + hourMs) };
  schedule(hub, { ...later, ramp: milliseconds(10 * minuteMs) });
  expect(heldBelow(hub.state, "evening")).toEqual(nobody);
  expect(heldBelow(hub.state, "morning")).toEqual(nobody);
});

test("one that is on holds who is under a cap, and who is paused", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  schedule(hub, { target: watts(33_000), end: instant(startMs + 5 * hourMs) });
  acknowledge(hub);
  const { cappedCount, pausedCount } = heldBelow(hub.state, "evening");
  expect(cappedCount).toBeGreaterThan(0);
  expect(pausedCount).toBe(hub.state.curtailments.paused.size);
  expect(pausedCount).toBeGreaterThan(0);
});
