import type { Site } from "@ertis/site-model";
import type { RandomStream } from "../chance/random-stream.ts";
import type { Plant } from "../plant/plant.ts";
import type { PlantAttempt } from "../plant/plant-attempt.ts";
import type { Request } from "./controller.ts";

export interface MeterOptions {
  readonly site: Site;
  readonly plant: Plant;
  /** A part of each reading, one standard deviation. */
  readonly noise: number;
  readonly chance: RandomStream;
  readonly startMs: number;
}

/** What counters of an attempt stood at. */
interface Counted {
  readonly wattMs: number;
  readonly gpuWattMs: number;
}

const nothing: Counted = { wattMs: 0, gpuWattMs: 0 };

/**
 * What meters say, in whole watts: the true mean since they were read last, and their own noise. Who
 * ran for a part of that time drew nothing in the rest of it.
 */
export class Meters {
  readonly #options: MeterOptions;
  #readAtMs: number;
  #domains: readonly number[];
  #attempts: ReadonlyMap<PlantAttempt, Counted> = new Map();

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#readAtMs = options.startMs;
    this.#domains = options.site.domains.map(() => 0);
  }

  read(nowMs: number): Request {
    const { site, plant } = this.#options;
    const spanMs = nowMs - this.#readAtMs;
    const [domainsBefore, attemptsBefore] = [this.#domains, this.#attempts];
    const domains = site.domains.map(({ index }) => plant.power.domainWattMs(index, nowMs));
    const attempts = new Map(
      [...plant.attempts.values()].map((one) => [one, countedOf(one, nowMs)]),
    );
    this.#readAtMs = nowMs;
    this.#domains = domains;
    this.#attempts = attempts;
    return {
      kind: "measure",
      site: site.id,
      domains: domains.map((wattMs, domain) => ({
        domain,
        watts: this.#reading(wattMs - (domainsBefore[domain] ?? 0), spanMs),
      })),
      attempts: [...attempts].map(([attempt, { wattMs, gpuWattMs }]) => {
        const before = attemptsBefore.get(attempt) ?? nothing;
        return {
          attempt: attempt.key,
          watts: this.#reading(wattMs - before.wattMs, spanMs),
          // Where GPUs take no caps nobody reads them.
          ...(plant.hasGpuMeters(attempt)
            ? { gpuWatts: this.#reading(gpuWattMs - before.gpuWattMs, spanMs) }
            : {}),
        };
      }),
    };
  }

  #reading(wattMs: number, spanMs: number): number {
    const { noise, chance } = this.#options;
    const factor = noise === 0 ? 1 : chance.normal(1, noise);
    return Math.max(0, Math.round((wattMs / spanMs) * factor));
  }
}

function countedOf({ drawn, gpuDrawn }: PlantAttempt, nowMs: number): Counted {
  return { wattMs: drawn.wattMsAt(nowMs), gpuWattMs: gpuDrawn.wattMsAt(nowMs) };
}
