import { milliseconds } from "@ertis/quantities";
import { defaultLimits, type EngineLimits } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { Drive } from "./drive.ts";
import { randomSite } from "./random-site.ts";
import { steps } from "./steps.ts";

const smallLimits: EngineLimits = {
  ...defaultLimits,
  jobsUnfinishedMax: 25,
  jobsFinishedMax: 6,
  jobsFinishedAgeMax: milliseconds(3_600_000),
  requestIdsMax: 12,
  requestIdAgeMax: milliseconds(7_200_000),
  budgetsMax: 3,
  freeRetriesMax: 2,
};

const scene = fc.record({
  limits: fc.constantFrom(defaultLimits, smallLimits),
  sites: fc.tuple(randomSite("north"), randomSite("south"), randomSite("north"), randomSite("south")),
  placesAfterEach: fc.boolean(),
});

test("every promise holds in every history", () => {
  fc.assert(
    fc.property(scene, steps, (options, script) => {
      const drive = new Drive(options);
      drive.run(script);
      expect([
        ...drive.violations.map(describeViolation),
        ...drive.complaints,
        ...disagreements(drive.engine.state, drive.oracle.world),
      ]).toEqual([]);
    }),
    { seed: Number(process.env["ERTIS_SEED"] ?? 1), numRuns: Number(process.env["ERTIS_RUNS"] ?? 200) },
  );
});
