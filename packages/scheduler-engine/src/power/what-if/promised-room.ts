import type { Reservation, SiteState } from "../../state/site-state.ts";
import type { JobNumber } from "../../words/job-spec.ts";
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
  return startAtMs > nowMs ? ask() : withWattsBack(site, job, nowMs, ask);
}

/** Asks for a start of a job as if planned curtailments that are over had given back everything already. */
export function withWattsBack<T>(site: SiteState, job: JobNumber, nowMs: number, ask: () => T): T {
  const domains = site.curtailments.flatMap(({ mode, domain }) =>
    mode === "planned" ? (site.domainIndexById.get(domain) ?? []) : [],
  );
  try {
    domains.forEach((domain) => setStartCeiling(site, domain, nowMs, job));
    return ask();
  } finally {
    domains.forEach((domain) => setStartCeiling(site, domain, nowMs));
  }
}
