import { toNumber } from "@ertis/quantities";
import type { NodeClass, PowerDomain, Site } from "@ertis/site-model";

/**
 * The power tree worked out anew from supplies and load factors, in whole numbers: the load of domain d
 * is held in units of 1/`scale[d]` watt. Uses none of the sums that the scheduler uses.
 */
export interface PowerTree {
  readonly parent: Int32Array;
  readonly scale: Float64Array;
  /** One watt of a node in the domain, in units of the domain. */
  readonly perNodeWatt: Float64Array;
  /** One unit of the domain, in units of its parent. */
  readonly perUnitUp: Float64Array;
  readonly fixed: Float64Array;
  readonly usable: Float64Array;
}

export function createPowerTree(site: Site): PowerTree {
  const { domains } = site;
  const scale = new Float64Array(domains.length).fill(1);
  const ofChildren = new Float64Array(domains.length).fill(1);
  for (const { index, parentIndex, loadFactor } of domains.toReversed()) {
    const own = loadFactor.denominator * (ofChildren[index] ?? 1);
    scale[index] = own;
    if (parentIndex >= 0) {
      ofChildren[parentIndex] = leastCommonMultiple(ofChildren[parentIndex] ?? 1, own);
    }
  }
  const perUnit = (inside: number, fromScale: number): number => {
    const domain = domains[inside];
    const own = scale[inside] ?? 1;
    return domain === undefined
      ? 0
      : (domain.loadFactor.numerator * own) / domain.loadFactor.denominator / fromScale;
  };
  return {
    parent: Int32Array.from(domains, ({ parentIndex }) => parentIndex),
    scale,
    perNodeWatt: Float64Array.from(domains, ({ index }) => perUnit(index, 1)),
    perUnitUp: Float64Array.from(domains, ({ index, parentIndex }) =>
      perUnit(parentIndex, scale[index] ?? 1),
    ),
    fixed: Float64Array.from(
      domains,
      ({ index, fixedWatts }) => toNumber(fixedWatts) * (scale[index] ?? 1),
    ),
    usable: Float64Array.from(
      domains,
      (domain) => usableWatts(domain) * (scale[domain.index] ?? 1),
    ),
  };
}

/** Of every single failure the least that survives, and never more than the derated figure of the file. */
function usableWatts(domain: PowerDomain): number {
  const supplies = domain.supplyWatts.map(toNumber);
  const total = supplies.reduce((sum, one) => sum + one, 0);
  const stated = toNumber(domain.usableWatts);
  switch (domain.redundancy) {
    case "N+1":
    case "distributed":
      return Math.min(stated, total - Math.max(...supplies));
    case "2N": {
      const half = supplies.length / 2;
      const first = supplies.slice(0, half).reduce((sum, one) => sum + one, 0);
      return Math.min(stated, first, total - first);
    }
    default:
      return Math.min(stated, total);
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) {
    [x, y] = [y, x % y];
  }
  return (a / x) * b;
}

/** GPUs of a node that one attempt holds, and the cap they may draw up to; 0: not capped. */
export interface HeldGpus {
  readonly gpuCount: number;
  readonly capWatts: number;
}

/**
 * Watts that the cap of one attempt takes off the bound of its node. Where part use counts as the peak, a node draws its peak
 * with anybody on it: only who holds all of it saves any.
 */
export function savedByCap(
  { gpuCap, gpuCount, partUse }: NodeClass,
  { gpuCount: heldCount, capWatts }: HeldGpus,
): number {
  const isLost = partUse === "peak" && heldCount < gpuCount;
  return gpuCap === undefined || capWatts === 0 || isLost
    ? 0
    : heldCount * Math.max(0, toNumber(gpuCap.highestWatts) - capWatts);
}

/** The most a powered-on node may draw, in whole watts, rounded up. */
export function boundWatts(nodeClass: NodeClass, held: Iterable<HeldGpus>): number {
  const idle = toNumber(nodeClass.idleWatts);
  const peak = toNumber(nodeClass.peakWatts);
  const { gpuCount, partUse } = nodeClass;
  let heldCount = 0;
  let savedWatts = 0;
  for (const one of held) {
    heldCount += one.gpuCount;
    savedWatts += savedByCap(nodeClass, one);
  }
  if (heldCount === 0) {
    return idle;
  }
  const full = partUse === "peak" ? peak - idle : Math.ceil(((peak - idle) * heldCount) / gpuCount);
  return Math.max(idle, idle + full - savedWatts);
}
