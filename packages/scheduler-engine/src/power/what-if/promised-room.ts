import type { Reservation, SiteState } from "../../state/site-state.ts";
import { setStartCeiling } from "../start-rooms.ts";

/**
 * Asks for a start that is due with what others leave for it alone: that is there whatever rose or started since
 * it was measured. What a curtailment that is over has not given back yet is kept from others, not from it: nobody
 * is lowered any more for whom it could wait.
 */
export function withPromisedRoom<T>(
  site: SiteState,
  { job, startAtMs }: Reservation,
  nowMs: number,
  ask: () => T,
): T {
  const targets = startAtMs > nowMs ? [] : site.curtailments;
  const domains = targets.flatMap(({ mode, domain }) =>
    mode === "planned" ? (site.domainIndexById.get(domain) ?? []) : [],
  );
  try {
    domains.forEach((domain) => setStartCeiling(site, domain, nowMs, job));
    return ask();
  } finally {
    domains.forEach((domain) => setStartCeiling(site, domain, nowMs));
  }
}
