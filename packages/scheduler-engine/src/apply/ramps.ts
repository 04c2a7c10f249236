import { type ChangeCause, forgetChanges, recordStep } from "@ertis/power-planning";
import { startSettleMs } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
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
        const settleMs = event.kind === "attempt-started" ? startSettleMs : 0;
        recordStep(ledger, { atMs: state.nowMs, watts, settleMs, cause: causeOf(event) });
      }
    }
  }
}

function loadsOf(site: SiteState, domains: readonly number[]): readonly number[] {
  return domains.map((domain) => site.horizons[0]?.load[domain] ?? 0);
}

/** Ends come when they come; what the scheduler itself adds is planned. */
function causeOf(event: Event): ChangeCause {
  switch (event.kind) {
    case "attempt-started":
    case "cap-set":
    case "cap-acknowledged":
      return "planned";
    default:
      return "unplanned";
  }
}
