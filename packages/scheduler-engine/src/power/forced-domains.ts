import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { actsOnBounds, asksByBounds } from "./stale-meters.ts";

/**
 * By domain, 1 where jobs may be paused or shrunk by the shed decision of now: below an emergency, a lost
 * supply, a limit that is exceeded, or a planned target that nobody measures. A mere budget stops no job,
 * nor does what gives its watts back.
 */
export function forcedDomains({ nowMs }: EngineState, site: SiteState): Uint8Array {
  const load = site.horizons[0]?.load;
  const flags = Uint8Array.from(site.parent, (_, domain) =>
    site.lostSupplies.has(domain) ||
    (load?.[domain] ?? 0) > (site.forcedCeiling[domain] ?? Infinity)
      ? 1
      : 0,
  );
  for (const one of site.curtailments) {
    const domain = site.domainIndexById.get(one.domain) ?? -1;
    if (asksByBounds(site, one, nowMs)) {
      flags[domain] = 1;
    }
  }
  // Children stand after their parents.
  for (let domain = 1; domain < flags.length; domain += 1) {
    if (flags[site.parent[domain] ?? -1] === 1) {
      flags[domain] = 1;
    }
  }
  return flags;
}

/** By domain, 1 where nothing but a budget is below what may be carried. */
export function budgetDomains({ nowMs }: EngineState, site: SiteState): Uint8Array {
  const flags = Uint8Array.from(site.hardCeiling, (ceiling, domain) =>
    ceiling < (site.forcedCeiling[domain] ?? 0) ? 1 : 0,
  );
  for (const one of site.curtailments) {
    const domain = site.domainIndexById.get(one.domain) ?? -1;
    if (one.mode === "planned" && actsOnBounds(site, one, nowMs)) {
      flags[domain] = 0;
    }
  }
  return flags;
}
