import { known } from "../state/assert.ts";
import type { SiteState } from "../state/site-state.ts";
import { isFelt } from "./recovery.ts";

/** Domains of curtailments that are on or give their watts back: below them they decide about caps. */
export function feltDomains(
  { curtailments, domainIndexById }: SiteState,
  nowMs: number,
): ReadonlySet<number> {
  const felt = curtailments.filter((one) => isFelt(one, nowMs));
  return new Set(felt.map((one) => known(domainIndexById.get(one.domain), "curtailed domain")));
}
