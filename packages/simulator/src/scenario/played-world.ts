import type { Site } from "@ertis/site-model";
import type { Checks } from "../check/checks.ts";
import type { Controller, Request } from "../control/controller.ts";
import type { PlantRules } from "../plant/plant-rules.ts";
import type { Plant } from "../plant/plant.ts";
import type { ScenarioEvent } from "./scenario-event.ts";

/** What the player moves. */
export interface PlayedWorld {
  readonly input: {
    readonly site: Site;
    readonly events: readonly ScenarioEvent[];
    readonly seed: number;
    readonly plant: PlantRules;
  };
  readonly startMs: number;
  readonly nowMs: number;
  readonly plant: Plant;
  readonly controller: Controller;
  readonly checks: Pick<Checks, "targets">;
  ask(request: Request): void;
}
