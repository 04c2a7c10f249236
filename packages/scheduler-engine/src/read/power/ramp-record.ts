import type { RampTally } from "@ertis/power-planning";
import type { PowerDomain } from "@ertis/site-model";
import type { EngineState } from "../../state/engine-state.ts";

/** What came to a domain with a ramp that no plan made; watts of the domain. Undefined: it has no ramp. */
export function rampRecord(
  state: EngineState,
  site: string,
  { index, loadScale }: PowerDomain,
): Readonly<RampTally> | undefined {
  const ramps = state.ramps.get(site);
  const tally = ramps?.tallies[ramps.domains.indexOf(index)];
  return (
    tally && {
      ...tally,
      unplannedWatts: Math.round(tally.unplannedWatts / loadScale),
      emergencyWatts: Math.round(tally.emergencyWatts / loadScale),
    }
  );
}
