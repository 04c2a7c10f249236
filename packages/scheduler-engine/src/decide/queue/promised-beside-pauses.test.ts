import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 30 * minuteMs;

function promisedOf({ site }: MeteredHub, job: number): number | undefined {
  return site.pools.flatMap(({ reservations }) => reservations).find((one) => one.job === job)
    ?.startAtMs;
}

test("nobody is promised a start in the moment in which a job has paused for a curtailment that is still to begin", () => {
  const hub = new MeteredHub();
  hub.run({ ...pausing, nodeCount: 4, walltime: milliseconds(4 * hourMs) });
  hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
  hub.beginAll();
  const span = { start: instant(beginMs), end: instant(beginMs + hourMs), ramp: milliseconds(0) };
  const target = watts(31_000);
  expect(hub.curtail("noon", { target, giveUp: [50, 25], ...span })).toEqual({ kind: "done" });
  hub.playUntil(beginMs - 20_000);
  expect(hub.state.curtailments.paused.size).toBe(1);
  const job = hub.run({ nodeCount: 2, walltime: milliseconds(hourMs) });
  expect(promisedOf(hub, job)).toBeUndefined();
});
