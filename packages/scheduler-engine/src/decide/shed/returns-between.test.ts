import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";

test("between two planned curtailments who paused for the first runs, though the second will pause him again", () => {
  const hub = new MeteredHub();
  hub.run({ nodeCount: 4, walltime: milliseconds(hourMs) });
  const walltime = milliseconds(6 * hourMs);
  const gang = hub.run({ ...pausing, nodeCount: 4, capMin: watts(400), walltime });
  hub.beginAll();
  hub.playUntil(startMs + minuteMs);
  for (const [id, fromMin] of [
    ["first", 70],
    ["second", 160],
  ] as const) {
    const start = instant(startMs + fromMin * minuteMs);
    const end = instant(startMs + (fromMin + 60) * minuteMs);
    const asked = { target: watts(18_000), giveUp: [50] as const, ramp: milliseconds(0) };
    expect(hub.curtail(id, { ...asked, start, end }).kind).toBe("done");
  }
  const isRunning = (): boolean => hub.attempts.some(({ job }) => job === gang);
  hub.playUntil(startMs + 100 * minuteMs);
  expect(isRunning()).toBe(false);
  hub.playUntil(startMs + 145 * minuteMs);
  expect(isRunning()).toBe(true);
  hub.playUntil(startMs + 200 * minuteMs);
  expect(isRunning()).toBe(false);
});
