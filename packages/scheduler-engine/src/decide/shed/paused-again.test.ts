import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

interface Story {
  /** Of one that is on when an emergency of two minutes comes and goes. */
  readonly targetWatts: number;
  /** Of another one. */
  readonly otherWatts: number;
  readonly otherAtMinute: number;
}

/** How long after its return from the emergency each was asked to stop for a planned one, ms, while both are on. */
function pausedAgainAfter({ targetWatts, otherWatts, otherAtMinute }: Story): readonly number[] {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(job < 4 ? pausing : bending);
  }
  hub.playUntil(startMs + 2 * minuteMs);
  const at = (minute: number): ReturnType<typeof instant> => instant(startMs + minute * minuteMs);
  const ramp = milliseconds(minuteMs);
  hub.curtail("one", { target: watts(targetWatts), start: at(15), end: at(45) });
  hub.curtail("other", { target: watts(otherWatts), start: at(otherAtMinute), end: at(60), ramp });
  hub.playUntil(startMs + 29 * minuteMs);
  const given = { giveUp: [50, 25, 10], ramp: milliseconds(0), target: watts(24_000) } as const;
  hub.curtail("trip", { mode: "emergency", ...given, start: at(29), end: at(31) });
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(2);
  const afterMs = new Map<string, number>();
  hub.playUntil(startMs + 45 * minuteMs, () => {
    for (const { job, attempt, pausedFor, startedAtMs, workAtMs } of hub.attempts) {
      if (startedAtMs >= Number(at(31)) && pausedFor !== undefined) {
        afterMs.set(`${job} ${attempt}`, workAtMs - startedAtMs);
      }
    }
  });
  return [...afterMs.values()];
}

test("who comes back from an emergency is not paused for planned ones before he has read his checkpoint and worked", () => {
  const leastMs = 5 * minuteMs;
  for (const story of [
    // The other begins after his return, and holds with all at their floors.
    { targetWatts: 33_000, otherWatts: 34_000, otherAtMinute: 34 },
    // Both are on by then, and somebody has to pause.
    { targetWatts: 34_000, otherWatts: 32_000, otherAtMinute: 28 },
  ]) {
    const early = pausedAgainAfter(story).filter((ms) => ms < leastMs);
    expect(early, JSON.stringify(story)).toEqual([]);
  }
});
