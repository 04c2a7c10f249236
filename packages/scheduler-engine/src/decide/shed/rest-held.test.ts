import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reply } from "../../words/reply.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

/** GPUs draw far less than their curves say. */
class CoolHub extends MeteredHub {
  override drawShare(): number {
    return 0.95 * 0.75;
  }

  announce(id: string, domain: string, targetWatts: number, untilMinute: number): Reply {
    return this.curtail(id, {
      domain,
      target: watts(targetWatts),
      start: instant(this.nowMs),
      end: instant(startMs + untilMinute * minuteMs),
      ramp: milliseconds(0),
      baseline: watts(60_000),
    });
  }
}

test("when another one around it is over nobody pauses for one that goes on and holds, though curves say that it does not", () => {
  const hub = new CoolHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...pausing, flexibilityTier: 25 });
  }
  hub.beginAll();
  hub.playUntil(startMs + 15 * minuteMs);
  expect(hub.announce("wide", "hub", 36_500, 60)).toEqual({ kind: "done" });
  // It counts on what the steering of the other one has learned of jobs, and has no time to learn it.
  hub.playUntil(startMs + 57 * minuteMs);
  expect(hub.announce("inner", hub.hall("hall-1"), 17_200, 90)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 91 * minuteMs);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "inner"), "inner");
  expect(minutesOverCount).toBeLessThanOrEqual(1);
  expect(jobs.filter(({ pausedSeconds }) => pausedSeconds > 0)).toEqual([]);
});
