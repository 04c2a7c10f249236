import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

/** A gang of tier 50 that has to pause for 30 kW, and one that asks for it beside another that gives its floor up for so long. */
function replyTo(givenUpMinutes: number, minutes: number, changes: Partial<JobSpec> = {}): string {
  const hub = new MeteredHub();
  hub.run({ ...pausing, nodeCount: 8, ...changes });
  const beginMs = startMs + 15 * minuteMs;
  const span = (length: number): object => ({
    start: instant(beginMs),
    end: instant(beginMs + length * minuteMs),
    ramp: milliseconds(0),
  });
  const wide = { target: watts(41_000), giveUp: [50], ...span(givenUpMinutes) } as const;
  expect(hub.curtail("wide", wide).kind).toBe("done");
  return hub.curtail("deep", { target: watts(30_000), ...span(minutes) }).kind;
}

test("what is lost beside one that gives a floor up counts up to the tier, and the rest has to fit into what is left", () => {
  const hour = hourMs / minuteMs;
  expect(replyTo(hour, hour)).toBe("done");
  // Half of the first hour counts, and all of the second would be lost.
  expect(replyTo(hour, 2 * hour)).toBe("rejected");
});

test("who would be done while its floor is given up, and is paused then, has to fit into the rest as well", () => {
  const walltime = milliseconds(45 * minuteMs);
  // Half an hour of it is left when it pauses, and after the first hour it is still there.
  expect(replyTo(60, 60, { walltime })).toBe("done");
  expect(replyTo(60, 120, { walltime })).toBe("rejected");
});
