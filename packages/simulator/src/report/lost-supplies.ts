import type { SupplyScore } from "../check/supply-check.ts";
import type { Simulation } from "../run/simulation.ts";

/** A loss of supply and how fast the watts were down. */
export interface LostSupply extends Omit<SupplyScore, "domain"> {
  readonly id: string;
}

export function lostSuppliesOf({ checks, input }: Simulation): readonly LostSupply[] {
  return checks.supplies.losses.map(
    ({ domain, leftWatts, lostAtMs, boundedAfterMs, drawnOverMs, drawnOverWatts }) => ({
      id: input.site.domains[domain]?.id ?? "",
      leftWatts,
      lostAtMs,
      boundedAfterMs,
      drawnOverMs,
      drawnOverWatts,
    }),
  );
}
