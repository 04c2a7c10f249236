import type { Site } from "@ertis/site-model";
import { rampedDomains } from "../check/ramp-check.ts";
import { RampGauge, type RampRule, type Steepness } from "../check/ramp-gauge.ts";

export interface ShownRamp {
  readonly domain: number;
  readonly rule: RampRule;
}

/** What is asked for where a site file says nothing: from one minute to the next. */
const anyRule: RampRule = { limitWatts: Infinity, perMs: 60_000, windowMs: 60_000 };
const rampsMax = 6;

/** The feed, and domains with a limit for their ramp, from the top down. */
export function rampsShown(site: Site): readonly ShownRamp[] {
  const limited = rampedDomains(site).map(({ index, rule }) => ({ domain: index, rule }));
  const feed = limited.some(({ domain }) => domain === 0) ? [] : [{ domain: 0, rule: anyRule }];
  return [...feed, ...limited].slice(0, rampsMax);
}

/** How fast what is really drawn in a domain changes. */
export class DrawnRamp {
  readonly domain: number;
  readonly rule: RampRule;
  upWatts = 0;
  downWatts = 0;
  overMs = 0;
  readonly #gauge: RampGauge;
  #watts: number | undefined;

  constructor({ domain, rule }: ShownRamp) {
    this.domain = domain;
    this.rule = rule;
    this.#gauge = new RampGauge(rule);
  }

  /** So much was drawn from one moment to another. */
  pass(fromMs: number, untilMs: number, watts: number): Steepness {
    if (this.#watts !== undefined && watts !== this.#watts) {
      this.#gauge.passTo(fromMs);
      this.#gauge.step({ atMs: fromMs, watts: watts - this.#watts });
    }
    this.#watts = watts;
    const steepness = this.#gauge.passTo(untilMs);
    this.upWatts = Math.max(this.upWatts, steepness.upWatts);
    this.downWatts = Math.max(this.downWatts, steepness.downWatts);
    this.overMs += steepness.overMs;
    return steepness;
  }
}
