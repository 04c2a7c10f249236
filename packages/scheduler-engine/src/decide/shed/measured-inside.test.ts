import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, withCaps } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";

/** The GPUs of the second hall are of another model, which takes no caps. */
const twoModels = withCaps(mixedHub()).replace("peak: 10 kW", "peak: 5.2 kW");

/** The first job draws half of what its curve says, the second nearly all. */
class UnlikeJobsHub extends MeteredHub {
  override drawShare({ job }: Attempt): number {
    return job === 1 ? 0.5 : 0.95;
  }
}

/** A planned one of the second hall. */
function inFiveMinutes(hub: MeteredHub): Partial<Curtailment> {
  return {
    domain: hub.hall("hall-2"),
    baseline: watts(17_000),
    start: instant(hub.nowMs + 5 * minuteMs),
    end: instant(hub.nowMs + 2 * hourMs),
    ramp: milliseconds(0),
    giveUp: [50],
  };
}

/** Takes no caps. */
const gang = { ...pausing, capMin: watts(0), gpuModel: "A100", nodeCount: 2 };

test("who takes no caps and draws more than the mean of the curtailed hall is planned by what its rack draws", () => {
  const hub = new UnlikeJobsHub(twoModels);
  hub.run(gang);
  hub.run({ ...gang, flexibilityTier: 10 });
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  const hall = inFiveMinutes(hub);
  // 10.1 kW of the second and 4 kW of nodes that are idle then. By the mean of the hall it would be 13.1 kW.
  expect(hub.curtail("less", { ...hall, target: watts(13_600) })).toMatchObject({
    code: "curtailment-breaks-floors",
    message: expect.stringContaining("is 14.3 kW"),
  });
  expect(hub.curtail("enough", { ...hall, target: watts(14_350) })).toEqual({ kind: "done" });
});

/** All draw half of what their curves say. */
class HalfHub extends MeteredHub {
  override drawShare(): number {
    return 0.5;
  }
}

test("a rack where somebody has just begun tells nothing of the others on it", () => {
  const hub = new HalfHub(twoModels);
  hub.run(gang);
  hub.run({ ...gang, nodeCount: 1, flexibilityTier: 10 });
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  hub.run({ ...gang, nodeCount: 1 });
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  const hall = inFiveMinutes(hub);
  // With all that the third draws put down to the second it would be 11.4 kW.
  expect(hub.curtail("enough", { ...hall, target: watts(11_000) })).toEqual({ kind: "done" });
});
