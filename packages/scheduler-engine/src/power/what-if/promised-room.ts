import type { Reservation, SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { isGivingBack } from "../recovery.ts";
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
  return withoutTargets(site, targets, { job, nowMs }, ask);
}

/** Asks for a start of a job as if planned curtailments that are over had given back everything already. */
export function withWattsBack<T>(site: SiteState, job: JobNumber, nowMs: number, ask: () => T): T {
  const over = site.curtailments.filter((one) => isGivingBack(one, nowMs));
  return withoutTargets(site, over, { job, nowMs }, ask);
}

function withoutTargets<T>(
  site: SiteState,
  targets: readonly Curtailment[],
  { job, nowMs }: { readonly job: JobNumber; readonly nowMs: number },
  ask: () => T,
): T {
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
