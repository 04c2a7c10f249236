import { defaultLimits } from "@ertis/scheduler-engine";
import { parseSite } from "@ertis/site-model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { capSteps } from "./cap-steps.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { randomDistributedSite } from "./random-site.ts";
import { runs } from "./runs.ts";
import { steps } from "./random-steps.ts";

const distributedScene: fc.Arbitrary<DriveOptions> = fc.record({
  limits: fc.constant(defaultLimits),
  sites: fc.tuple(
    randomDistributedSite("north"),
    randomDistributedSite("south"),
    randomDistributedSite("north"),
    randomDistributedSite("south"),
  ),
  placesAfterEach: fc.boolean(),
});

/** How many sums were more than 80 % full when a history ended. */
function nearlyFullCount({ engine }: Drive): number {
  let count = 0;
  for (const { site, horizons, usableScaled } of engine.state.sites.values()) {
    const first = site.domains.length;
    const sums = horizons[0]?.load.slice(first) ?? new Float64Array(0);
    count += sums.filter((load, at) => load > 0.8 * (usableScaled[first + at] ?? 0)).length;
  }
  return count;
}

test.each([
  ["history", steps, 25],
  ["history of caps", capSteps, 25],
] as const)(
  "every supply carries what would hang on it, after every single failure, in every %s",
  (_name, script, count) => {
    let boundCount = 0;
    fc.assert(
      fc.property(distributedScene, script, (options, chosen) => {
        const drive = new Drive(options);
        drive.run(chosen);
        expect([
          ...drive.violations.map(describeViolation),
          ...drive.complaints,
          ...disagreements(drive.engine.state, drive.oracle.world),
        ]).toEqual([]);
        boundCount += nearlyFullCount(drive);
      }),
      runs(count),
    );
    // The sums must come near their limits, or this shows nothing.
    expect(boundCount).toBeGreaterThan(20);
  },
);

test("the random sites are taken, and most of their supplies would be too weak for everything", () => {
  const counts = { all: 0, weak: 0 };
  fc.assert(
    fc.property(randomDistributedSite("north"), ({ text }) => {
      const result = parseSite({ file: "north.yaml", text });
      expect(result.kind === "errors" ? result.errors.map(({ message }) => message) : []).toEqual(
        [],
      );
      if (result.kind === "site") {
        counts.all += 1;
        counts.weak += result.site.transferSums.length > 0 ? 1 : 0;
      }
    }),
    runs(60),
  );
  expect(counts.weak).toBe(counts.all);
});
