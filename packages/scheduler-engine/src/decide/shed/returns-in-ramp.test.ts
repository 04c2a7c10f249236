import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 40 * minuteMs;
const endMs = beginMs + hourMs;

/** At its lowest cap a start of a node adds 1.6 kW. */
const ramped = cappedHub().replace(
  "feed:\n  limit: 300 kW",
  "feed:\n  limit: 300 kW\n  ramp: 1800 W/min over 60 s",
);

test("no promised start is let go for who comes back while a ramp has no room for that", () => {
  const hub = new MeteredHub(ramped);
  hub.cordon(4, 5, 6, 7);
  const softer = { ...pausing, capMin: watts(200) };
  const firm = { ...softer, flexibilityTier: 25 } as const;
  for (const job of [softer, softer, firm, firm]) {
    hub.run(job);
    hub.playUntil(hub.nowMs + 4 * minuteMs);
  }
  hub.run({ ...softer, nodeCount: 4 });
  hub.playUntil(startMs + 20 * minuteMs);
  const reply = hub.curtail("peak", {
    domain: hub.hall("hall-1"),
    start: instant(beginMs),
    end: instant(endMs),
    target: watts(14_000),
    baseline: watts(20_000),
    ramp: milliseconds(5 * minuteMs),
    giveUp: [50],
  });
  expect(reply.kind).toBe("done");
  hub.budget("hall", hub.hall("hall-1"), 19_000, [endMs - minuteMs]);
  hub.playUntil(endMs - 10_000);
  expect(hub.state.curtailments.paused.size).toBe(2);
  hub.playUntil(endMs + 4 * minuteMs, () => {
    // Twenty passes each time are enough to come to rest.
    expect(hub.engine.needsPass).toBe(false);
  });
  expect(hub.state.curtailments.paused.size).toBe(0);
});
