import { expect, test } from "vitest";
import { cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";

test("jobs of classes that nobody measured share one curve, whatever their owners call them", () => {
  const hub = new Hub(cappedHub());
  const [one, other, straight] = ["class-1", "class-2", "straight"].map((workloadClass) => {
    const job = known(hub.state.jobs.get(hub.run({ workloadClass, flexibilityTier: 50 })), "job");
    return known(activeAttempts(job)[0], "attempt").curve;
  });
  expect(one).toBeDefined();
  expect(other).toBe(one);
  expect(straight).toBeDefined();
});
