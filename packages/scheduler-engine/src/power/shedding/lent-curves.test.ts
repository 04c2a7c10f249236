import { speedAt } from "@ertis/power-planning";
import { expect, test } from "vitest";
import { cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { rankedCurve } from "./lent-curves.ts";

test("an attempt that needs less than the lowest cap that is known of its class loses next to nothing there", () => {
  const hub = new Hub(cappedHub());
  const job = hub.run({ flexibilityTier: 25, workloadClass: "straight" });
  const attempt = known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
  // The curve of the class begins at 200 W.
  attempt.neededCapWatts = 190;
  const curve = known(rankedCurve(attempt), "curve");
  expect(speedAt(curve, 200)).toBeCloseTo(1, 2);
  expect(speedAt(curve, 400)).toBe(1);
});
