import type { Site } from "@ertis/site-model";
import type { RandomStream } from "../chance/random-stream.ts";
import type { Plant } from "../plant/plant.ts";
import type { PlantAttempt } from "../plant/plant-attempt.ts";
import type { Request } from "./controller.ts";

/** What meters read, in whole watts: the truth, and their own noise (a part of each reading). */
export class Meters {
  readonly #site: Site;
  readonly #plant: Plant;
  readonly #noise: number;
  readonly #chance: RandomStream;

  constructor(site: Site, plant: Plant, noise: number, chance: RandomStream) {
    this.#site = site;
    this.#plant = plant;
    this.#noise = noise;
    this.#chance = chance;
  }

  read(): Request {
    const { attempts, power } = this.#plant;
    return {
      kind: "measure",
      site: this.#site.id,
      domains: this.#site.domains.map(({ index }) => ({
        domain: index,
        watts: this.#reading(power.domainWatts(index)),
      })),
      attempts: [...attempts.values()].map((attempt) => ({
        attempt: attempt.key,
        watts: this.#reading(this.#plant.attemptWatts(attempt)),
        ...this.#gpuReading(attempt),
      })),
    };
  }

  /** Where GPUs take no caps nobody reads them. */
  #gpuReading(attempt: PlantAttempt): { readonly gpuWatts?: number } {
    const watts = this.#plant.gpuWatts(attempt);
    return watts === undefined ? {} : { gpuWatts: this.#reading(watts) };
  }

  #reading(watts: number): number {
    const factor = this.#noise === 0 ? 1 : this.#chance.normal(1, this.#noise);
    return Math.max(0, Math.round(watts * factor));
  }
}
