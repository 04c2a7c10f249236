import { defaultLimits } from "@ertis/scheduler-engine";
import { parseSite } from "@ertis/site-model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { randomDistributedSite } from "./random-site.ts";
import { runs } from "./runs.ts";
import { steps } from "./steps.ts";

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

test("every supply carries what would hang on it, after every single failure, in every history", () => {
  let boundCount = 0;
  fc.assert(
    fc.property(distributedScene, steps, (options, script) => {
      const drive = new Drive(options);
      drive.run(script);
      expect([
        ...drive.violations.map(describeViolation),
        ...drive.complaints,
        ...disagreements(drive.engine.state, drive.oracle.world),
      ]).toEqual([]);
      for (const site of drive.engine.state.sites.values()) {
        const now = site.horizons[0];
        const first = site.site.domains.length;
        boundCount += (now?.load.slice(first) ?? []).filter(
          (load, at) => load > 0.8 * (site.usableScaled[first + at] ?? 0),
        ).length;
      }
    }),
    runs(40),
  );
  // The sums must come near their limits, or this shows nothing.
  expect(boundCount).toBeGreaterThan(20);
});

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
