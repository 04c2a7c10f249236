import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";

test("whoever schedules what is not met before its end is told so, as by its preview", () => {
  const end = instant(startMs + hourMs);
  const ask = { mode: "planned", target: watts(33_000), end } as const;
  // Its ramp goes on until it ends.
  const late = schedule(fullHub(), { ...ask, ramp: milliseconds(hourMs) });
  expect(late).toMatchObject({
    kind: "done",
    missed: { isTargetMet: false, timeToTarget: hourMs, tierBrokenCount: 0 },
  });
  const inTime = schedule(fullHub(), { ...ask, ramp: milliseconds(minuteMs) });
  expect(inTime).toEqual({ kind: "done" });
});
