import { type ChangeCause, forgetChanges, recordStep } from "@ertis/power-planning";
import { startSettleMs } from "../limits.ts";
import { isEmergency } from "../power/effects.ts";
import { isBeyondRamp } from "../power/ramp-room.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteRamps } from "../state/ramps.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Event } from "../words/event.ts";

interface LoadsBefore {
  readonly site: SiteState;
  readonly loads: readonly number[];
}

const noLoads: readonly LoadsBefore[] = [];

/** Bounds of the domains with a ramp, before an event changes some of them. */
export function loadsBefore(state: EngineState): readonly LoadsBefore[] {
  if (state.ramps.size === 0) {
    return noLoads;
  }
  return [...state.ramps].flatMap(([id, { domains }]) => {
    const site = state.sites.get(id);
    return site === undefined ? [] : [{ site, loads: loadsOf(site, domains) }];
  });
}

/** Writes down what the event did to them. A site that was described anew has other domains. */
export function recordLoads(
  state: EngineState,
  before: readonly LoadsBefore[],
  event: Event,
): void {
  for (const { site, loads } of before) {
    const ramps = state.ramps.get(site.site.id);
    if (ramps === undefined || state.sites.get(site.site.id) !== site) {
      continue;
    }
    for (const [at, domain] of ramps.domains.entries()) {
      const watts = (site.horizons[0]?.load[domain] ?? 0) - (loads[at] ?? 0);
      const ledger = ramps.budget.ledgers[domain];
      if (watts !== 0 && ledger !== undefined) {
        forgetChanges(ramps.budget, state.nowMs);
        const cause = causeOf(state, ramps, site, { event, domain, watts });
        const settleMs = event.kind === "attempt-started" ? startSettleMs : 0;
        recordStep(ledger, { atMs: state.nowMs, watts, settleMs, cause });
      }
    }
  }
}

function loadsOf(site: SiteState, domains: readonly number[]): readonly number[] {
  return domains.map((domain) => site.horizons[0]?.load[domain] ?? 0);
}

interface Change {
  readonly event: Event;
  readonly domain: number;
  readonly watts: number;
}

/**
 * What the scheduler itself changes is planned, unless an emergency makes it step down. A start that
 * is larger than the ramp ever allows is let through, see `askRamp`; it and ends that come when they
 * come are counted.
 */
function causeOf(
  state: EngineState,
  ramps: SiteRamps,
  site: SiteState,
  { event, domain, watts }: Change,
): ChangeCause {
  switch (event.kind) {
    case "attempt-started":
      return isBeyondRamp(ramps, domain, watts) ? "unplanned" : "planned";
    case "cap-set":
    case "cap-acknowledged":
      return watts < 0 && isEmergency(state, site) ? "emergency" : "planned";
    default:
      return "unplanned";
  }
}
