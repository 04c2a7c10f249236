import type { CurtailmentRefusal } from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import {
  type Curtailment,
  type EngineState,
  type Infeasible,
  jobsBelow,
  type Rejection,
} from "@ertis/scheduler-engine";
import { rejectionToApi } from "./refusal.ts";

/** Why it would be refused; with floors in the way, what would be possible. */
export function refusalToApi(
  state: EngineState,
  curtailment: Curtailment,
  rejection: Rejection,
  infeasible: Infeasible | undefined,
): CurtailmentRefusal {
  const tiers = new Map<number, number>();
  for (const { job } of jobsBelow(state, curtailment.site, infeasible?.domain ?? "")) {
    const tier = job.spec.flexibilityTier;
    tiers.set(tier, (tiers.get(tier) ?? 0) + 1);
  }
  return {
    rejection: rejectionToApi(rejection),
    smallestTargetWatts: infeasible === undefined ? 0 : toNumber(infeasible.smallest),
    domainId: infeasible?.domain ?? "",
    gains: (infeasible?.gains ?? []).map(({ tierPercent, frees }) => ({
      flexibilityTierPercent: tierPercent,
      jobCount: tiers.get(tierPercent) ?? 0,
      freedWatts: toNumber(frees),
    })),
    reserved: (infeasible?.reserved ?? []).map(({ job, start, nodeCount, holds }) => ({
      jobId: `${job}`,
      startTimeMs: toNumber(start),
      nodeCount,
      heldWatts: toNumber(holds),
    })),
    enoughTierPercents: [...(infeasible?.enough ?? [])],
  };
}
