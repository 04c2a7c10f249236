import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledge, cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";

test("who was brought below his floor for a lost supply is back at it before others rise above theirs", () => {
  const hub = new Hub(cappedHub());
  const idleWatts = hub.feedWatts();
  const straight = { workloadClass: "straight" } as const;
  // Its floor is 300 W, and it gains least by the next watt.
  const low = hub.run({
    ...straight,
    flexibilityTier: 25,
    walltime: milliseconds(100 * hourMs),
  });
  const short = hub.run({ ...straight, flexibilityTier: 50 });
  const ending = hub.run({ ...straight, flexibilityTier: 50 });
  hub.report({
    kind: "supply-lost",
    domain: 0,
    remaining: watts(idleWatts + 3 * 8 * 210),
  });
  acknowledge(hub);
  const capOf = (job: number): number =>
    known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "it runs").capWatts || 400;
  expect(capOf(low)).toBeLessThan(300);
  hub.finish(ending);
  for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
    hub.place();
    acknowledge(hub);
  }
  expect(capOf(low)).toBeGreaterThanOrEqual(300);
  expect(capOf(short)).toBeGreaterThan(200);
});
