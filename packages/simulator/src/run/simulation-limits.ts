import { milliseconds } from "@ertis/quantities";
import { defaultLimits, type EngineLimits } from "@ertis/scheduler-engine";

const tenYearsMs = 10 * 366 * 86_400_000;

/** Nothing is retired or forgotten during a run: its jobs are all there is. */
export const simulationLimits: EngineLimits = {
  ...defaultLimits,
  jobsFinishedAgeMax: milliseconds(tenYearsMs),
  requestIdAgeMax: milliseconds(tenYearsMs),
};
