import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import { boundWattsByGpusHeld } from "./bounds.ts";
import { known } from "./assert.ts";
import { freeCounts, type Pool, type SiteState } from "./site-state.ts";

/** Puts every node of the site into the pool of its GPU model. */
export function fillPools(state: SiteState, pools: Pool[]): void {
  const { site } = state;
  const byModel = new Map<string, Pool>();
  const nodePool = state.nodePool;
  const columnCount = site.domains.length + (state.fabric?.level.length ?? 0);
  for (const node of site.nodes) {
    const nodeClass = known(site.nodeClasses[node.classIndex], "node class");
    let pool = byModel.get(nodeClass.gpuModel);
    if (pool === undefined) {
      const classes = site.nodeClasses.filter((one) => one.gpuModel === nodeClass.gpuModel);
      pool = {
        site: state,
        gpuModel: nodeClass.gpuModel,
        gpuCountMax: Math.max(...classes.map((one) => one.gpuCount)),
        free: new Int32Array(columnCount * freeCounts),
        kept: new Int32Array(columnCount * freeCounts),
        nodeCountMaxByDepth: [],
        isMixed: classes.length > 1,
        countsPeakInPart: classes.some(({ partUse }) => partUse === "peak"),
        growthWattsMin: smallestGrowths(classes),
        growthWattsMinBelow: undefined,
        gangNodesMax: new Map(),
        gpuCap: commonCaps(classes),
        curves: undefined,
        reservations: [],
      };
      byModel.set(nodeClass.gpuModel, pool);
      pools.push(pool);
    }
    nodePool.push(pool);
  }
  for (const pool of pools) {
    pool.nodeCountMaxByDepth = nodeCountMaxima(state, pool);
    pool.growthWattsMinBelow = pool.isMixed ? smallestGrowthsBelow(state, pool) : undefined;
  }
}

/** The caps that all classes of a pool take. */
function commonCaps(classes: readonly NodeClass[]): Pool["gpuCap"] {
  let lowestWatts = 0;
  let highestWatts = 0;
  for (const { gpuCap } of classes) {
    if (gpuCap === undefined) {
      return undefined;
    }
    lowestWatts = Math.max(lowestWatts, toNumber(gpuCap.lowestWatts));
    highestWatts = Math.max(highestWatts, toNumber(gpuCap.highestWatts));
  }
  return lowestWatts < highestWatts ? { lowestWatts, highestWatts } : undefined;
}

function smallestGrowths(classes: readonly NodeClass[]): readonly number[] {
  return Array.from({ length: freeCounts }, (_, more) => {
    let least = Infinity;
    for (const bounds of classes.map(boundWattsByGpusHeld)) {
      for (let held = 0; held + more < bounds.length; held += 1) {
        least = Math.min(least, (bounds[held + more] ?? 0) - (bounds[held] ?? 0));
      }
    }
    return least;
  });
}

function smallestGrowthsBelow(state: SiteState, pool: Pool): Float64Array {
  const { nodes, nodeClasses } = state.site;
  const least = new Float64Array(state.parent.length * freeCounts).fill(Infinity);
  const ofClass = nodeClasses.map((one) => smallestGrowths([one]));
  for (const { index, classIndex, domainIndex } of nodes) {
    if (state.nodePool[index] !== pool) {
      continue;
    }
    for (let domain = domainIndex; domain >= 0; domain = state.parent[domain] ?? -1) {
      ofClass[classIndex]?.forEach((watts, more) => {
        const at = domain * freeCounts + more;
        least[at] = Math.min(least[at] ?? Infinity, watts);
      });
    }
  }
  return least;
}

function nodeCountMaxima(state: SiteState, pool: Pool): number[] {
  const counts = new Int32Array(state.parent.length);
  for (const node of state.site.nodes) {
    if (state.nodePool[node.index] !== pool) {
      continue;
    }
    for (let domain = node.domainIndex; domain >= 0; domain = state.parent[domain] ?? -1) {
      counts[domain] = (counts[domain] ?? 0) + 1;
    }
  }
  return state.domainsByDepth.map((level) =>
    level.reduce((most, domain) => Math.max(most, counts[domain] ?? 0), 0),
  );
}
