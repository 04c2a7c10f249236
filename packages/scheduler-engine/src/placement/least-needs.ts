import { floorCap } from "../power/shedding/curves.ts";
import type { LeastNeeds } from "../state/candidate.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import { bends } from "./bend.ts";
import { poolsOf } from "./capacity.ts";
import { fullHolding, smallestHolding } from "./quota.ts";
import { leastGrowthScaled } from "./room.ts";

/** Whole and at full power, or as far as it bends; nothing that runs, is kept or is learned changes it. */
export function leastNeedsOf(state: EngineState, job: Job): LeastNeeds {
  const { spec } = job;
  const pools = poolsOf(state, job);
  const isBent = bends(spec);
  const nodeCount = isBent ? spec.nodeCountMin : spec.nodeCount;
  const growths = pools.map((pool) => {
    const capWatts = isBent ? floorCap(pool, spec) : 0;
    return leastGrowthScaled({ pool, gpusPerNode: spec.gpusPerNode, capWatts }, 0, nodeCount);
  });
  return {
    sitesVersion: state.sitesVersion,
    pools,
    nodeCount,
    feedScaled: Math.min(...growths),
    smallest: smallestHolding(state, job),
    whole: fullHolding(state, job),
  };
}
