import { known } from "../state/assert.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { isFelt, isGivingBack } from "./recovery.ts";

/** Domains of curtailments that are on or give their watts back. */
export function feltDomains(site: SiteState, nowMs: number): ReadonlySet<number> {
  return domainsOf(site, (one) => isFelt(one, nowMs));
}

/** Of those that say themselves which caps rise: planned ones up to their ends, emergencies in their recovery, too. */
export function steeredDomains(site: SiteState, nowMs: number): ReadonlySet<number> {
  return domainsOf(site, (one) => isFelt(one, nowMs) && !isGivingBack(one, nowMs));
}

/** Of planned ones that give their watts back, step by step. */
export function recoveringDomains(site: SiteState, nowMs: number): ReadonlySet<number> {
  return domainsOf(site, (one) => isFelt(one, nowMs) && isGivingBack(one, nowMs));
}

function domainsOf(
  { curtailments, domainIndexById }: SiteState,
  isMeant: (one: Curtailment) => boolean,
): ReadonlySet<number> {
  const meant = curtailments.filter(isMeant);
  return new Set(meant.map((one) => known(domainIndexById.get(one.domain), "curtailed domain")));
}
