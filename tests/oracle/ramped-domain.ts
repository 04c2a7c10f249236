import { toNumber } from "@ertis/quantities";
import type { SiteBook } from "./site-book.ts";

/** One change of the bounds in force at a domain, above 0: more. */
interface Step {
  readonly atMs: number;
  readonly watts: number;
  /** It fell and no plan made it fall: nobody could reckon with it before it was there. */
  readonly isSurprise: boolean;
}

const fallsKeptMs = 7_200_000;

/** A domain with a limit for its ramp, and what it did lately: the definition, and nothing of the plan. */
export class RampedDomain {
  readonly id: string;
  readonly index: number;
  readonly limitWatts: number;
  readonly perMs: number;
  readonly windowMs: number;
  #steps: Step[] = [];

  constructor({ id, index }: { readonly id: string; readonly index: number }, ramp: Ramp) {
    this.id = id;
    this.index = index;
    this.limitWatts = toNumber(ramp.watts);
    this.perMs = ramp.perMs;
    this.windowMs = ramp.windowMs;
  }

  /** For so long a step counts. */
  get memoryMs(): number {
    return this.perMs + this.windowMs;
  }

  /** What a quiet domain may add or lose at once. */
  get largestStepWatts(): number {
    return this.limitWatts / this.#part(Math.min(this.perMs, this.windowMs));
  }

  /** All that has fallen since. */
  fallenSince(sinceMs: number): number {
    return this.#falls.reduce((sum, { atMs, watts }) => sum + (atMs >= sinceMs ? -watts : 0), 0);
  }

  #falls: Step[] = [];

  add(step: Step): void {
    if (step.watts < 0) {
      this.#falls = this.#falls.filter(({ atMs }) => atMs > step.atMs - fallsKeptMs);
      this.#falls.push(step);
    }
    this.#steps = this.#steps.filter(({ atMs }) => atMs > step.atMs - this.memoryMs);
    this.#steps.push(step);
  }

  /** Has anything fallen by surprise since? */
  isDisturbedSince(sinceMs: number): boolean {
    return this.#disturbedAtMs >= sinceMs;
  }

  #disturbedAtMs = -Infinity;

  disturb(atMs: number): void {
    this.#disturbedAtMs = atMs;
  }

  /**
   * The steepest change of the mean while a step of `atMs` counts, in its direction. What fell by
   * surprise after `knownMs` is left out.
   */
  steepest(way: 1 | -1, atMs: number, knownMs: number): number {
    const steps = this.#steps.filter((one) => !one.isSurprise || one.atMs <= knownMs);
    let steepest = 0;
    for (const { atMs: from } of steps) {
      for (const bend of [0, this.windowMs, this.perMs, this.memoryMs]) {
        const moment = from + bend;
        if (this.#part(moment - atMs) > 0) {
          const change = steps.reduce(
            (sum, one) => sum + one.watts * this.#part(moment - one.atMs),
            0,
          );
          steepest = Math.max(steepest, way * change);
        }
      }
    }
    return steepest;
  }

  /** Of a step this long ago, what stands in the newer mean and not in the older one. */
  #part(sinceMs: number): number {
    const inMean = (ms: number): number => Math.max(0, Math.min(1, ms / this.windowMs));
    return inMean(sinceMs) - inMean(sinceMs - this.perMs);
  }
}

type Ramp = NonNullable<SiteBook["site"]["domains"][number]["ramp"]>;

export function rampedDomains({ site }: SiteBook): readonly RampedDomain[] {
  return site.domains.flatMap((domain) =>
    domain.ramp === undefined ? [] : [new RampedDomain(domain, domain.ramp)],
  );
}
