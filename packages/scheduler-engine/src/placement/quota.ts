import { type Holding, quotaExcess, type QuotaExcess } from "@ertis/power-planning";
import { formatWatts, toNumber, watts } from "@ertis/quantities";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { findAccount, forEachAbove } from "../state/shares.ts";
import type { Placement } from "../words/attempt.ts";
import { poolsOf } from "./capacity.ts";
import { smallestGrowthWatts } from "./search.ts";

/** The account whose bound a start would pass. */
export interface QuotaBlock extends QuotaExcess {
  readonly account: string;
}

/** Would a start pass what an account above the job may hold? From its user upward, the first that does. */
export function quotaBlock(state: EngineState, job: Job, more: Holding): QuotaBlock | undefined {
  const { shares } = state;
  if (shares.declared.length === 0) {
    return undefined;
  }
  let block: QuotaBlock | undefined;
  forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), ({ id, held, quota }) => {
    const excess = quota === undefined ? undefined : quotaExcess(held, more, quota);
    if (excess !== undefined) {
      block ??= { account: id, ...excess };
    }
  });
  return block;
}

/** The least a start of the job can hold: with its fewest nodes, at the lowest cap it takes. */
export function smallestHolding(state: EngineState, job: Job): Holding {
  const { nodeCountMin, gpusPerNode } = job.spec;
  let wattsMin = Infinity;
  for (const pool of state.shares.declared.length === 0 ? [] : poolsOf(state, job)) {
    const capWatts = pool.gpuCap?.lowestWatts ?? 0;
    wattsMin = Math.min(wattsMin, smallestGrowthWatts({ pool, gpusPerNode, capWatts }));
  }
  return {
    gpuCount: nodeCountMin * gpusPerNode,
    reservedWatts: wattsMin === Infinity ? 0 : Math.max(0, wattsMin) * nodeCountMin,
  };
}

export function holdingOfPlacement(placement: Placement, job: Job): Holding {
  return {
    gpuCount: placement.nodes.length * job.spec.gpusPerNode,
    reservedWatts: toNumber(placement.powerReserved),
  };
}

/** `account kaz/llm may hold 512 GPUs and holds 512; this needs 64 more` */
export function quotaText({ account, resource, most, held, needed }: QuotaBlock): string {
  if (resource === "gpus") {
    return `account ${account} may hold ${most} GPUs and holds ${held}; this needs ${needed} more`;
  }
  const power = (amount: number): string => formatWatts(watts(Math.round(amount)));
  return `account ${account} may hold ${power(most)} and holds ${power(held)}; this needs ${power(needed)} more`;
}
