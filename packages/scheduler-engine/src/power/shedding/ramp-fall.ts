import { toNumber } from "@ertis/quantities";
import { beginsAtMs } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { isBelow } from "./effects.ts";
import type { Attempt } from "../../state/job.ts";

/**
 * How long bounds of a planned curtailment's domain take from where they are down to the target, at the
 * ramps of all domains above it and below; 0: no ramp holds them up.
 */
export function fallMs(state: EngineState, site: SiteState, curtailment: Curtailment): number {
  const ramps = state.ramps.get(site.site.id);
  const domain = site.domainIndexById.get(curtailment.domain);
  if (ramps === undefined || domain === undefined || curtailment.mode !== "planned") {
    return 0;
  }
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const load = site.horizons[0]?.load[domain] ?? 0;
  const drop = Math.max(0, load - toNumber(curtailment.target) * scale);
  const withNodes = new Set(site.nodeDomain);
  const below = rateBelow(site, { ramps, withNodes }, domain);
  return Math.ceil(drop / Math.min(below, rateAbove(site, ramps, domain)));
}

/** Do caps come down for a curtailment that is yet to start? Then none of them rises. */
export function isBeforeCurtailment(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
): boolean {
  for (const record of state.curtailments.records.values()) {
    const { site: id, start, domain } = record.curtailment;
    if (
      !record.isOver &&
      id === site.site.id &&
      beginsAtMs(record) <= state.nowMs &&
      state.nowMs < toNumber(start) &&
      isBelow(site, attempt.placement.nodes, domain)
    ) {
      return true;
    }
  }
  return false;
}

/** Scaled watts of a domain a ms. What hangs on it directly falls as fast as it may. */
function rateBelow(
  site: SiteState,
  tree: { readonly ramps: SiteRamps; readonly withNodes: ReadonlySet<number> },
  domain: number,
): number {
  let below = tree.withNodes.has(domain) ? Infinity : 0;
  for (const child of site.children[domain] ?? []) {
    below += rateBelow(site, tree, child) * (site.parentMultiplier[child] ?? 0);
  }
  return Math.min(below, rateOf(tree.ramps, domain));
}

function rateAbove(site: SiteState, ramps: SiteRamps, domain: number): number {
  let rate = Infinity;
  let scaled = 1;
  for (let at = domain; at >= 0; at = site.parent[at] ?? -1) {
    rate = Math.min(rate, rateOf(ramps, at) / scaled);
    scaled *= site.parentMultiplier[at] ?? 0;
  }
  return rate;
}

function rateOf({ budget }: SiteRamps, domain: number): number {
  const limit = budget.ledgers[domain]?.limit;
  return limit === undefined ? Infinity : limit.watts / limit.perMs;
}
