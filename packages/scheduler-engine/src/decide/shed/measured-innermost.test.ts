import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, withCaps } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import type { Attempt } from "../../state/job.ts";

/** The GPUs of the second hall are of another model, which takes no caps. */
const twoModels = withCaps(mixedHub()).replace("peak: 10 kW", "peak: 5.2 kW");

/** Who takes no caps draws less than three fifths of what its curve says. */
class TwoModelsHub extends MeteredHub {
  override drawShare({ curve }: Attempt): number {
    return curve === undefined ? 0.57 : 0.95;
  }
}

test("who takes no caps is planned by what the innermost domain draws, also beside one over it whose steering has learned others", () => {
  const hub = new TwoModelsHub(twoModels);
  for (let job = 0; job < 4; job += 1) {
    hub.run({ ...bending, gpuModel: "H100" });
  }
  const job = hub.run({ ...pausing, capMin: watts(0), gpuModel: "A100" });
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  const ends = { end: instant(hub.nowMs + 4 * hourMs), ramp: milliseconds(0) };
  const first = { end: instant(hub.nowMs + 2 * hourMs), start: instant(hub.nowMs + 15 * minuteMs) };
  const day = { ...ends, ...first, target: watts(26_000) };
  expect(hub.curtail("day", day)).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 30 * minuteMs);
  const inner = { domain: hub.hall("hall-2"), target: watts(4_800), baseline: watts(5_000) };
  expect(hub.curtail("hall", { ...ends, ...inner, start: instant(hub.nowMs) })).toEqual({
    kind: "done",
  });
  hub.playUntil(hub.nowMs + 10 * minuteMs, () => {
    expect(hub.attempts.find((one) => one.job === job)?.phase).toBe("running");
  });
});
