import { defaultLimits, stateDigest } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { capSteps } from "./cap-steps.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { continuedFrom, replayed } from "./histories.ts";
import { randomRampedSite } from "./random-site.ts";
import { runs } from "./runs.ts";
import { steps } from "./random-steps.ts";

const rampedScene: fc.Arbitrary<DriveOptions> = fc.record({
  limits: fc.constant(defaultLimits),
  sites: fc.tuple(
    randomRampedSite("north"),
    randomRampedSite("south"),
    randomRampedSite("north"),
    randomRampedSite("south"),
  ),
  placesAfterEach: fc.constantFrom(true, true, false),
});

/** Sites on which something waits for a ramp. */
function waitingCount({ engine }: Drive): number {
  const waits = [...engine.state.ramps.values()].filter(
    ({ waitUntilMs, capsAtMs }) => waitUntilMs > engine.state.nowMs || capsAtMs < Infinity,
  );
  return waits.length;
}

test.each([
  ["history", steps, 20],
  ["history of caps", capSteps, 20],
] as const)(
  "starts and raises keep every ramp, and every promise holds, in every %s",
  (_name, script, count) => {
    // After each step.
    let waitCount = 0;
    fc.assert(
      fc.property(rampedScene, script, (options, chosen) => {
        const drive = new Drive(options);
        for (const step of chosen) {
          drive.run([step]);
          waitCount += waitingCount(drive);
        }
        expect([
          ...drive.violations.map(describeViolation),
          ...drive.complaints,
          ...disagreements(drive.engine.state, drive.oracle.world),
        ]).toEqual([]);
      }),
      runs(count),
    );
    // Ramps must bind, or this shows nothing.
    expect(waitCount).toBeGreaterThan(100);
  },
);

test("ramps come back from the log and from a snapshot, and go on as before", () => {
  fc.assert(
    fc.property(rampedScene, capSteps, fc.nat({ max: 1000 }), (options, script, pick) => {
      const drive = new Drive({ ...options, placesAfterEach: true });
      drive.run(script);
      const digest = stateDigest(drive.engine.state);
      expect(stateDigest(replayed(options.limits, drive.entries).state)).toBe(digest);
      const cut = pick % drive.commands.length;
      const { unbroken, restarted } = continuedFrom(options.limits, drive.commands, cut);
      expect(restarted).toEqual(unbroken);
    }),
    runs(8),
  );
});
