import {
  createRampBudget,
  createRampTally,
  type RampBudget,
  type RampTally,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { wakeMarginMs, wakeMs } from "../limits.ts";
import type { Attempt } from "./job.ts";
import type { SiteState } from "./site-state.ts";
import { wakeLeadMs } from "./wake-lead.ts";

/** What the ramps of one site know: what their domains did lately, and who waits for them. */
export interface SiteRamps {
  /** Domains with a ramp, by position. */
  readonly domains: readonly number[];
  /** Ledgers by position of the domain, in its scaled watts. */
  readonly budget: RampBudget;
  /** What came to them that no plan made, in the order of `domains`; in scaled watts. */
  readonly tallies: readonly RampTally[];
  /** See `wake-lead.ts`. */
  readonly wakeLeadMs: number;
  /** Nothing else starts before this, so that smaller ones do not use up what `waiter` waits for. A cache. */
  waitUntilMs: number;
  waiter: number;
  /** When caps that a ramp held up may change further; Infinity: none is. A cache. */
  capsAtMs: number;
  /** When a planned end is to be looked at; Infinity: none is near. A cache. */
  endsAtMs: number;
  /** Who is wound down for a preemption, and for how long none of them rises. A cache. */
  yielding: { readonly attempts: ReadonlySet<Attempt>; readonly untilMs: number };
  /** When more nodes that are off may come back; Infinity: none waits for it. A cache. */
  nodesAtMs: number;
}

/** Undefined where no domain of the site has a ramp. */
export function createSiteRamps(state: SiteState): SiteRamps | undefined {
  const { site } = state;
  const domains = site.domains.filter(({ ramp }) => ramp !== undefined).map(({ index }) => index);
  if (domains.length === 0) {
    return undefined;
  }
  const limits = site.domains.map(
    ({ ramp, loadScale }) =>
      ramp && {
        watts: toNumber(ramp.watts) * loadScale,
        perMs: ramp.perMs,
        windowMs: ramp.windowMs,
      },
  );
  const budget = createRampBudget(limits);
  const nothingDue = { capsAtMs: Infinity, endsAtMs: Infinity, nodesAtMs: Infinity };
  const tallies = domains.map(() => createRampTally());
  const yielding = { attempts: new Set<Attempt>(), untilMs: 0 };
  return {
    domains,
    budget,
    tallies,
    wakeLeadMs: wakeLeadMs(state, budget),
    waitUntilMs: 0,
    waiter: 0,
    yielding,
    ...nothingDue,
  };
}

/** When nodes of a promised start that are off are woken at the latest. */
export function wakeByMs(ramps: SiteRamps | undefined, startAtMs: number): number {
  return startAtMs - wakeLeadOf(ramps);
}

/** So long before a promised start. */
export function wakeLeadOf(ramps: SiteRamps | undefined): number {
  return ramps?.wakeLeadMs ?? wakeMs + wakeMarginMs;
}

/** What its domains did lately counts on under an edited site file, where they still have a ramp. */
export function takeOverRamps(
  { site: oldSite }: SiteState,
  old: SiteRamps,
  { site }: SiteState,
  fresh: SiteRamps,
): void {
  const oldById = new Map(oldSite.domains.map((domain) => [domain.id, domain]));
  for (const [position, at] of fresh.domains.entries()) {
    const { id = "", loadScale = 1 } = site.domains[at] ?? {};
    const before = oldById.get(id);
    const ledger = fresh.budget.ledgers[at];
    const scale = loadScale / (before?.loadScale ?? 1);
    for (const step of old.budget.ledgers[before?.index ?? -1]?.steps ?? []) {
      ledger?.steps.push({ ...step, watts: step.watts * scale });
    }
    const counted = old.tallies[old.domains.indexOf(before?.index ?? -1)];
    const tally = fresh.tallies[position];
    if (counted !== undefined && tally !== undefined) {
      Object.assign(tally, counted, {
        unplannedWatts: counted.unplannedWatts * scale,
        emergencyWatts: counted.emergencyWatts * scale,
      });
    }
  }
}
