import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const full = 400;

function caps(hub: MeteredHub): readonly number[] {
  return hub.attempts.map(({ capWatts }) => capWatts || full);
}

test("after a planned curtailment caps rise step by step with its recovery, before anybody starts", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 6; job += 1) {
    hub.run(bending);
  }
  hub.playUntil(startMs + 10 * minuteMs);
  const start = instant(hub.nowMs + 10 * minuteMs);
  const endMs = Number(start) + 60 * minuteMs;
  const drawnBefore = hub.drawnWatts[0]?.[1] ?? 0;
  const reply = hub.curtail("peak", {
    start,
    end: instant(endMs),
    target: watts(27_000),
    baseline: watts(drawnBefore),
    ramp: milliseconds(5 * minuteMs),
  });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(endMs - minuteMs);
  expect(Math.min(...caps(hub))).toBeLessThan(full);
  const newcomers = [hub.run(bending), hub.run(bending)];
  const seen: number[] = [];
  let startedAt: readonly number[] | undefined;
  hub.playUntil(endMs + 10 * minuteMs, () => {
    const own = hub.attempts.filter(({ job }) => !newcomers.includes(job));
    if (own.length < hub.attempts.length) {
      startedAt ??= own.map(({ capWatts }) => capWatts || full);
    }
    seen.push(own.reduce((sum, { capWatts }) => sum + (capWatts || full), 0));
  });
  expect(startedAt?.every((cap) => cap === full)).toBe(true);
  // Half of the ramp of the recovery gives about half of it, in steps.
  const half = seen[Math.floor(6 + 2.5 * 6)] ?? 0;
  const [first = 0] = seen;
  expect(half).toBeGreaterThan(first + (6 * full - first) / 5);
  expect(half).toBeLessThan(6 * full);
  expect(new Set(seen).size).toBeGreaterThan(4);
  expect(seen[6 + 6 * 6]).toBe(6 * full);
});
