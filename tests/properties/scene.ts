import { milliseconds } from "@ertis/quantities";
import { defaultLimits, type EngineLimits } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import type { DriveOptions } from "./drive.ts";
import { randomSite } from "./random-site.ts";

/** Limits so small that retention and refusals for want of room really happen. */
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

/** Two sites, an edit of each, and how the engine is driven. */
export const scene: fc.Arbitrary<DriveOptions> = fc.record({
  limits: fc.constantFrom(defaultLimits, defaultLimits, smallLimits),
  sites: fc.tuple(
    randomSite("north"),
    randomSite("south"),
    randomSite("north"),
    randomSite("south"),
  ),
  placesAfterEach: fc.boolean(),
});
