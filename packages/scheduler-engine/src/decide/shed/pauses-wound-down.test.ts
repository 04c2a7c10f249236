import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { nextRampMs } from "../ramp/ramp.ts";
import { curtail, fullHub } from "../../testing/test-full-ramped-hub.ts";

const minuteMs = 60_000;

test("who is to pause soon is looked at for a wind-down within seconds, though no end was near before", () => {
  const hub = fullHub(1, 6, { nodeCount: 8 });
  expect(nextRampMs(hub.state)).toBeGreaterThan(hub.nowMs + 60 * minuteMs);
  const start = instant(hub.nowMs + 4 * minuteMs);
  curtail(hub, 20_000, { start, giveUp: [50], ramp: milliseconds(0) });
  expect(hub.state.curtailments.pauses.get("hub")).toMatchObject([{ job: 1 }]);
  expect(nextRampMs(hub.state)).toBeLessThanOrEqual(hub.nowMs + 5_000);
});
