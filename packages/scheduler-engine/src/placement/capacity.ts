import { capStepWatts, floorCap } from "../power/shedding/curves.ts";
import { createHorizon } from "../power/create-horizon.ts";
import { withTrial } from "../power/what-if/trial.ts";
import type { EngineState } from "../state/engine-state.ts";
import { emptyTwin } from "./empty-twin.ts";
import { leanFirst } from "./search.ts";
import type { Job } from "../state/job.ts";
import type { Shape } from "../state/queue.ts";
import type { Pool } from "../state/site-state.ts";
import type { JobSpec } from "../words/job-spec.ts";

/** Where a gang may go: every site it allows, every GPU model it allows, in order of the files. */
export function poolsFor(
  state: EngineState,
  wish: { readonly site: string; readonly gpuModel: string },
): Pool[] {
  const pools: Pool[] = [];
  for (const [id, site] of state.sites) {
    if (wish.site !== "" && wish.site !== id) {
      continue;
    }
    for (const pool of site.pools) {
      if (wish.gpuModel === "" || wish.gpuModel === pool.gpuModel) {
        pools.push(pool);
      }
    }
  }
  return pools;
}

/** The pools of a job; kept with its shape while it is queued. */
export function poolsOf(state: EngineState, job: Job): readonly Pool[] {
  const { shape } = job;
  return shape === undefined ? poolsFor(state, job.spec) : poolsOfShape(state, shape);
}

/** Shapes that may go to the same pools share the list of them: what is found out for it is so for all of them. */
const lists = new WeakMap<EngineState["sites"], SharedPools>();

interface SharedPools {
  readonly sitesVersion: number;
  readonly byWish: Map<string, readonly Pool[]>;
}

function sharedPools(state: EngineState, { site, gpuModel }: Shape): readonly Pool[] {
  const { sites, sitesVersion } = state;
  let shared = lists.get(sites);
  if (shared?.sitesVersion !== sitesVersion) {
    shared = { sitesVersion, byWish: new Map() };
    lists.set(sites, shared);
  }
  const wish = `${site}|${gpuModel}`;
  const pools = shared.byWish.get(wish) ?? poolsFor(state, { site, gpuModel });
  shared.byWish.set(wish, pools);
  return pools;
}

export function poolsOfShape(state: EngineState, shape: Shape): readonly Pool[] {
  if (shape.poolsVersion !== state.sitesVersion) {
    shape.pools = sharedPools(state, shape);
    shape.poolsVersion = state.sitesVersion;
  }
  return shape.pools;
}

/**
 * The most nodes a gang of `gpusPerNode` GPUs a node could ever have in a pool under a cap (0: none):
 * nothing else runs, every node is well, no budget is set, but every limit holds. Kept, since only the
 * site file changes it.
 */
export function gangNodesMax(pool: Pool, gpusPerNode: number, capWatts: number = 0): number {
  const key = `${gpusPerNode} ${capWatts}`;
  const cached = pool.gangNodesMax.get(key);
  if (cached !== undefined) {
    return cached;
  }
  const empty = emptyTwin(pool.site);
  const horizon = createHorizon(empty, -Infinity, Float64Array.from(empty.usableScaled));
  const same = empty.pools.find((one) => one.gpuModel === pool.gpuModel);
  const nodes = same === undefined ? [] : leanFirst(same, gpusPerNode);
  const count = withTrial(empty, [horizon], 0, (trial) => {
    for (const node of nodes) {
      if ((empty.nodeGpuCount[node] ?? 0) >= gpusPerNode) {
        trial.add(node, { gpusPerNode, capWatts, floorCapWatts: 0 });
      }
    }
    return trial.nodes.length;
  });
  pool.gangNodesMax.set(key, count);
  return count;
}

/** Does a gang ever fit, at full power or at the lowest cap that it tolerates, whole or shrunk? */
export function everFits(
  pool: Pool,
  spec: Pick<
    JobSpec,
    "gpusPerNode" | "nodeCountMin" | "workloadClass" | "flexibilityTier" | "capMin"
  >,
): boolean {
  const { gpusPerNode, nodeCountMin } = spec;
  if (gangNodesMax(pool, gpusPerNode) >= nodeCountMin) {
    return true;
  }
  const floor = floorCap(pool, spec);
  return floor !== 0 && gangNodesMax(pool, gpusPerNode, floor) >= nodeCountMin;
}

/** The highest cap, in steps from the lowest, at which so many nodes ever fit; undefined: at none. */
export function highestCapEver(
  pool: Pool,
  gang: Pick<JobSpec, "gpusPerNode" | "nodeCount">,
  lowestWatts: number,
): number | undefined {
  const { gpuCap } = pool;
  const fits = (capWatts: number): boolean =>
    gangNodesMax(pool, gang.gpusPerNode, capWatts) >= gang.nodeCount;
  if (gpuCap === undefined || !fits(lowestWatts)) {
    return undefined;
  }
  let low = 0;
  let high = Math.floor((gpuCap.highestWatts - 1 - lowestWatts) / capStepWatts);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(lowestWatts + middle * capStepWatts)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return lowestWatts + low * capStepWatts;
}
