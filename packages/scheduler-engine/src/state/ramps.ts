import { createRampBudget, type RampBudget } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { SiteState } from "./site-state.ts";

/** What the ramps of one site know: what their domains did lately, and who waits for them. */
export interface SiteRamps {
  /** Domains with a ramp, by position. */
  readonly domains: readonly number[];
  /** Ledgers by position of the domain, in its scaled watts. */
  readonly budget: RampBudget;
  /** Nothing else starts before this, so that smaller ones do not use up what `waiter` waits for. A cache. */
  waitUntilMs: number;
  waiter: number;
  /** When caps that a ramp held up may change further; Infinity: none is. A cache. */
  capsAtMs: number;
  /** When a planned end is to be looked at; Infinity: none is near. A cache. */
  endsAtMs: number;
}

/** Undefined where no domain of the site has a ramp. */
export function createSiteRamps({ site }: SiteState): SiteRamps | undefined {
  const domains = site.domains.filter(({ ramp }) => ramp !== undefined).map(({ index }) => index);
  if (domains.length === 0) {
    return undefined;
  }
  const limits = site.domains.map(
    ({ ramp, loadScale }) =>
      ramp && {
        watts: toNumber(ramp.wattsPerMinute) * loadScale,
        perMs: 60_000,
        windowMs: ramp.windowMs,
      },
  );
  const nothingDue = { capsAtMs: Infinity, endsAtMs: Infinity };
  return { domains, budget: createRampBudget(limits), waitUntilMs: 0, waiter: 0, ...nothingDue };
}
