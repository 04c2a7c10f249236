import { toNumber } from "@ertis/quantities";
import { largestStepWatts, type RampRule, steepestAfter } from "@ertis/simulator";
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
  readonly rule: RampRule;
  #steps: Step[] = [];

  constructor({ id, index }: { readonly id: string; readonly index: number }, ramp: Ramp) {
    this.id = id;
    this.index = index;
    this.rule = { limitWatts: toNumber(ramp.watts), perMs: ramp.perMs, windowMs: ramp.windowMs };
  }

  /** For so long a step counts. */
  get memoryMs(): number {
    return this.rule.perMs + this.rule.windowMs;
  }

  /** What a quiet domain may add or lose at once. */
  get largestStepWatts(): number {
    return largestStepWatts(this.rule);
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
    const { upWatts, downWatts } = steepestAfter(steps, this.rule, atMs);
    return way > 0 ? upWatts : downWatts;
  }
}

type Ramp = NonNullable<SiteBook["site"]["domains"][number]["ramp"]>;

export function rampedDomains({ site }: SiteBook): readonly RampedDomain[] {
  return site.domains.flatMap((domain) =>
    domain.ramp === undefined ? [] : [new RampedDomain(domain, domain.ramp)],
  );
}
