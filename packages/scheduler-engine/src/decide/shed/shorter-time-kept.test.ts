import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

test("who was granted less time to fill a hole goes on with the rest of that after a pause, and a start promised behind it comes when its announcement said", () => {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: 4, walltime: milliseconds(2 * hourMs) });
  const whole = hub.submit({ nodeCount: 8 });
  const long = { walltime: milliseconds(50 * hourMs), walltimeMin: milliseconds(hourMs) };
  const filling = hub.run({ ...pausing, ...long, capMin: watts(400), nodeCount: 4 });
  const endsAfterMs = (): number =>
    (hub.attempts.find(({ job }) => job === filling)?.endsByMs ?? 0) - startMs;
  const promised = (): readonly unknown[] =>
    hub.site.pools
      .flatMap(({ reservations }) => reservations)
      .map(({ job, startAtMs }) => [job, startAtMs - startMs]);
  expect(endsAfterMs()).toBe(2 * hourMs);
  expect(promised()).toEqual([[whole, 2 * hourMs + minuteMs]]);
  const reply = hub.curtail("peak", {
    target: watts(30_000),
    baseline: watts(40_000),
    start: instant(startMs + 10 * minuteMs),
    end: instant(startMs + 30 * minuteMs),
    ramp: milliseconds(0),
    giveUp: [50],
  });
  const told = 2 * hourMs + 25 * minuteMs;
  const to = expect.objectContaining({ start: startMs + told });
  expect(reply).toMatchObject({ kind: "done", moved: [{ job: whole, to }] });
  hub.playUntil(startMs + 20 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(1);
  hub.playUntil(startMs + 45 * minuteMs);
  expect(endsAfterMs()).toBe(told - minuteMs);
  expect(promised()).toEqual([[whole, told]]);
});
