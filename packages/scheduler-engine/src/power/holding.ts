import type { Holding } from "@ertis/power-planning";
import { addEnergy, type Energy, energyOf, milliseconds, toNumber, watts } from "@ertis/quantities";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { capInForce, cutWatts } from "../state/caps.ts";

/**
 * What an attempt holds: GPUs on nodes whose stop is not confirmed, the watts reserved for them at
 * its start, and the same under the caps in force. So a cap that is lowered counts when its nodes
 * acknowledge, one that is raised when it is ordered. Whole watts.
 */
export function holdingOf(
  site: SiteState,
  attempt: Pick<Attempt, "placement" | "gpusPerNode" | "heldNodes" | "capWatts" | "capInForce">,
): Holding {
  const { placement, gpusPerNode, heldNodes } = attempt;
  // Nodes of a gang are of one kind but for rare mixed pools: each counts as an even part.
  const wholeWatts = toNumber(placement.powerReserved);
  const admittedWatts = Math.floor(
    (wholeWatts * heldNodes.length) / Math.max(1, placement.nodes.length),
  );
  let reservedWatts = admittedWatts;
  if (attempt.capWatts !== placement.capWatts || attempt.capInForce !== undefined) {
    for (const node of heldNodes) {
      const cutAtStart = cutWatts(site, node, gpusPerNode, placement.capWatts);
      reservedWatts += cutAtStart - cutWatts(site, node, gpusPerNode, capInForce(attempt, node));
    }
  }
  return {
    gpuCount: heldNodes.length * gpusPerNode,
    reservedWatts: Math.max(0, reservedWatts),
    admittedWatts,
  };
}

/** What an attempt is charged up to a moment. Exact: whole watts × ms. */
export function energyChargedAt(attempt: Attempt, nowMs: number): Energy {
  const { energyReserved, chargedToMs, held } = attempt;
  const forMs = milliseconds(nowMs - chargedToMs);
  return addEnergy(energyReserved, energyOf(watts(held.reservedWatts), forMs));
}
