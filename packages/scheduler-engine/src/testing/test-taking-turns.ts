/** A hub of which four jobs fill a hall and take turns below its target, for tests of pauses. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { assert } from "../state/assert.ts";
import { hourMs, startMs } from "./test-hub.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { MeteredHub, minuteMs, pausing } from "./test-metered-hub.ts";

/** Three of them fit, each for an hour and a half; five minutes after its start one is paused. */
export function takingTurns(queued: readonly Partial<JobSpec>[] = []): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 4; job += 1) {
    hub.run(pausing);
  }
  queued.forEach((job) => hub.run(job));
  const start = instant(startMs + 15 * minuteMs);
  hub.curtail("evening", {
    domain: hub.hall("hall-1"),
    target: watts(16_900),
    start,
    end: instant(Number(start) + 5 * hourMs),
    ramp: milliseconds(0),
  });
  hub.playUntil(startMs + 20 * minuteMs);
  assert(hub.state.curtailments.paused.size === 1, "one of them is paused");
  return hub;
}
