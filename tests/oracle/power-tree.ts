import { toNumber } from "@ertis/quantities";
import type { NodeClass, PowerDomain, Site } from "@ertis/site-model";

/** An exact share, for example 4/5 for a derating of 0.8. */
export interface Share {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** What a caller knows about derating; without it the derated figure of the site file is believed. */
export type DeratingOf = (domainId: string, siteText: string) => Share | undefined;

/**
 * The power tree in whole numbers, worked out anew from load factors: the load of domain d is held in
 * units of 1/`scale[d]` watt. Nothing here uses the multipliers that the site model prepared.
 */
export interface PowerTree {
  readonly site: Site;
  readonly parent: readonly number[];
  readonly scale: readonly bigint[];
  /** One watt of a node in the domain, in units of the domain. */
  readonly perNodeWatt: readonly bigint[];
  /** One unit of the domain, in units of its parent. */
  readonly perUnitUp: readonly bigint[];
  readonly fixed: readonly bigint[];
  /** Of every single failure the least that survives, derated, in units of the domain. */
  readonly usable: readonly bigint[];
  /** As the writer of the file knows it; undefined: nobody does. */
  readonly derating: readonly (Share | undefined)[];
  readonly domainById: ReadonlyMap<string, number>;
}

export function createPowerTree(
  site: Site,
  deratingOf: (domainId: string) => Share | undefined,
): PowerTree {
  const { domains } = site;
  const childScales: bigint[][] = domains.map(() => []);
  const scale: bigint[] = domains.map(() => 1n);
  for (const domain of domains.toReversed()) {
    const denominator = BigInt(domain.loadFactor.denominator);
    const children = (childScales[domain.index] ?? []).reduce(leastCommonMultiple, 1n);
    scale[domain.index] = denominator * children;
    childScales[domain.parentIndex]?.push(denominator * children);
  }
  const scaleOf = (index: number): bigint => scale[index] ?? 1n;
  return {
    site,
    parent: domains.map((domain) => domain.parentIndex),
    scale,
    perNodeWatt: domains.map((domain) => multiplier(domain, scaleOf(domain.index), 1n)),
    perUnitUp: domains.map((domain) => {
      const above = domains[domain.parentIndex];
      return above === undefined
        ? 0n
        : multiplier(above, scaleOf(above.index), scaleOf(domain.index));
    }),
    fixed: domains.map((domain) => BigInt(toNumber(domain.fixedWatts)) * scaleOf(domain.index)),
    usable: domains.map((domain) => usableUnits(domain, scaleOf(domain.index), deratingOf)),
    derating: domains.map((domain) => deratingOf(domain.id)),
    domainById: new Map(domains.map((domain) => [domain.id, domain.index])),
  };
}

/** What 1/`fromScale` watt inside a domain adds to its load: the load factor, in its units. */
function multiplier(domain: PowerDomain, scale: bigint, fromScale: bigint): bigint {
  const { numerator, denominator } = domain.loadFactor;
  const units = (BigInt(numerator) * scale) / BigInt(denominator);
  return units / fromScale;
}

/** Every way in which one supply may fail, as the sum of watts that is left. */
function survivingWatts(domain: PowerDomain): readonly bigint[] {
  const supplies = domain.supplyWatts.map((supply) => BigInt(toNumber(supply)));
  const sum = (list: readonly bigint[]): bigint => list.reduce((a, b) => a + b, 0n);
  switch (domain.redundancy) {
    case "none":
      return [sum(supplies)];
    case "N+1":
    case "distributed":
      return supplies.map((_, failed) => sum(supplies.filter((_one, index) => index !== failed)));
    case "2N": {
      const half = supplies.length / 2;
      return [sum(supplies.slice(0, half)), sum(supplies.slice(half))];
    }
  }
}

function usableUnits(
  domain: PowerDomain,
  scale: bigint,
  deratingOf: (domainId: string) => Share | undefined,
): bigint {
  const survivors = survivingWatts(domain);
  const least = survivors.reduce((a, b) => (a < b ? a : b));
  const derating = deratingOf(domain.id);
  if (derating !== undefined) {
    return (least * derating.numerator * scale) / derating.denominator;
  }
  const stated = BigInt(toNumber(domain.usableWatts));
  return (stated < least ? stated : least) * scale;
}

/** The most a node of a class may draw when attempts hold so many of its GPUs, rounded up. */
export function boundWatts(
  nodeClass: NodeClass,
  holdings: readonly { readonly gpuCount: number; readonly capWatts: number }[],
): number {
  const gpusHeld = holdings.reduce((sum, one) => sum + one.gpuCount, 0);
  const idle = toNumber(nodeClass.idleWatts);
  const peak = toNumber(nodeClass.peakWatts);
  if (gpusHeld === 0) {
    return idle;
  }
  const gpus = BigInt(nodeClass.gpuCount);
  const highest = nodeClass.gpuCap === undefined ? 0 : toNumber(nodeClass.gpuCap.highestWatts);
  let dynamic = nodeClass.partUse === "peak" ? BigInt(peak - idle) * gpus : 0n;
  for (const { gpuCount, capWatts } of holdings) {
    const below = capWatts === 0 ? 0n : BigInt(Math.max(0, highest - capWatts));
    if (nodeClass.partUse === "share") {
      dynamic += BigInt(gpuCount) * (BigInt(peak - idle) - below * gpus);
    } else if (gpuCount === nodeClass.gpuCount) {
      // Where part use counts as the peak a cap helps only who has the whole node.
      dynamic -= BigInt(gpuCount) * below * gpus;
    }
  }
  return idle + Number((dynamic + gpus - 1n) / gpus);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) {
    [x, y] = [y, x % y];
  }
  return (a / x) * b;
}
