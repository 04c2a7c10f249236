import type { CurtailmentRefusal, ReservedNodes } from "@ertis/api";
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
  // No target is possible while something else is in the way.
  const isTarget = infeasible !== undefined && infeasible.inTheWay === undefined;
  const fixed = infeasible?.unsheddable;
  return {
    rejection: rejectionToApi(rejection),
    smallestTargetWatts: isTarget && infeasible.isAnyPossible ? toNumber(infeasible.smallest) : 0,
    domainId: infeasible?.domain ?? "",
    gains: (isTarget ? infeasible.gains : []).map(({ tierPercent, frees }) => ({
      flexibilityTierPercent: tierPercent,
      jobCount: tiers.get(tierPercent) ?? 0,
      freedWatts: toNumber(frees),
      possibleWatts: possibleWatts(infeasible, toNumber(frees)),
    })),
    reserved: reservedToApi(infeasible?.reserved ?? []),
    enoughTierPercents: [...(infeasible?.enough ?? [])],
    isRough: infeasible?.isRough ?? false,
    protectedJobCount: fixed?.protectedCount ?? 0,
    protectedWatts: fixed === undefined ? 0 : toNumber(fixed.protectedDraw),
    unsheddableWatts: fixed === undefined ? 0 : toNumber(fixed.rest),
    keptFreeWatts: fixed === undefined ? 0 : toNumber(fixed.keptFree),
  };
}

/** 0: what would be possible without those floors would not ask for anything, or frees nothing. */
function possibleWatts(infeasible: Infeasible | undefined, freedWatts: number): number {
  if (infeasible === undefined || (freedWatts === 0 && !infeasible.isAnyPossible)) {
    return 0;
  }
  const possible = Math.max(1, toNumber(infeasible.smallest) - freedWatts);
  return infeasible.isAnyPossible || possible < toNumber(infeasible.shedsBelow) ? possible : 0;
}

export function reservedToApi(reserved: Infeasible["reserved"]): ReservedNodes[] {
  return reserved.map(({ job, start, nodeCount, holds }) => ({
    jobId: `${job}`,
    startTimeMs: toNumber(start),
    nodeCount,
    heldWatts: toNumber(holds),
  }));
}
