import type { Account, EngineLimits } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { PlantRules } from "../plant/plant-rules.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import type { ScenarioEvent } from "../scenario/scenario-event.ts";

/** Everything a run depends on: the same input gives the same run on every machine. */
export interface SimulationInput {
  readonly siteFile: string;
  readonly siteText: string;
  readonly site: Site;
  readonly jobs: readonly SimulatedJob[];
  readonly events: readonly ScenarioEvent[];
  readonly seed: number;
  readonly plant: PlantRules;
  /** Telemetry reaches the scheduler so often; 0: never. */
  readonly measureEveryMs: number;
  /** The run ends so long after its start, whatever runs then; Infinity: when all jobs are over. */
  readonly horizonMs: number;
  /** A ceiling on the feed over the whole run; undefined: the limits alone. */
  readonly feedBudgetWatts: number | undefined;
  /** Tenants, projects, users; a job's project has its owner's name. */
  readonly accounts?: readonly Account[];
  readonly limits?: EngineLimits;
  /** Sums are made anew after so many events. */
  readonly recheckEvery?: number;
  /** Of so many jobs at most the scheduler is asked why they wait, evenly spread; absent: 1,000. */
  readonly questionsMax?: number;
}
