import type { NodeClass, PowerDomain, Site } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import { ceilDivide, type Draw, scaledLoads, scaledUsable, smaller } from "./power-loads.ts";

/** Scaled loads of a site with every node of every phase idle, and at its peak. */
export interface NodeLoads {
  readonly idle: readonly bigint[];
  readonly peak: readonly bigint[];
}

const known = new WeakMap<Site, NodeLoads>();

/** Of use up to the halls: above them not everything may be built. Worked out once per site. */
export function nodeLoads(site: Site): NodeLoads {
  const before = known.get(site);
  if (before !== undefined) {
    return before;
  }
  const draws = (figure: "idleWatts" | "peakWatts"): readonly Draw[] =>
    site.nodes.map(({ domainIndex, classIndex }) => {
      const nodeClass = site.nodeClasses[classIndex];
      return {
        domainIndex,
        drawWatts: nodeClass === undefined ? 0 : toNumber(nodeClass[figure]),
      };
    });
  const loads: NodeLoads = {
    idle: scaledLoads(site, draws("idleWatts"), () => true),
    peak: scaledLoads(site, draws("peakWatts"), () => true),
  };
  known.set(site, loads);
  return loads;
}

/** What one GPU of a class counts at the node: its share of what the node adds when it works, rounded up. */
export function gpuWatts({ peakWatts, idleWatts, gpuCount }: NodeClass): bigint {
  const rangeWatts = BigInt(toNumber(peakWatts)) - BigInt(toNumber(idleWatts));
  return ceilDivide(rangeWatts, BigInt(gpuCount));
}

/**
 * What the tree leaves for jobs below a domain, in whole watts at the nodes. A domain passes on the
 * smaller of its own headroom and the sum of its children's; a node asks for no more than its GPUs count.
 */
export function headroomWatts(site: Site, hall: PowerDomain): bigint {
  const { idle } = nodeLoads(site);
  const inside = new Map<number, Inside>();
  const at = (index: number): Inside => {
    const found = inside.get(index) ?? { askedWatts: 0n, most: { scaled: 0n, scale: 1n } };
    inside.set(index, found);
    return found;
  };
  const end = endOf(site, hall);
  for (const { domainIndex, classIndex } of site.nodes) {
    const nodeClass = site.nodeClasses[classIndex];
    if (domainIndex >= hall.index && domainIndex < end && nodeClass !== undefined) {
      const found = at(domainIndex);
      found.askedWatts += gpuWatts(nodeClass) * BigInt(nodeClass.gpuCount);
      raise(found, 1n, 1n);
    }
  }
  let result = 0n;
  for (const domain of site.domains.slice(hall.index, end).toReversed()) {
    const { askedWatts, most } = at(domain.index);
    const { numerator, denominator } = domain.loadFactor;
    const factor = {
      scaled: most.scaled * BigInt(numerator),
      scale: most.scale * BigInt(denominator),
    };
    const free = scaledUsable(domain) - (idle[domain.index] ?? 0n);
    // A domain without nodes passes nothing on, whatever it could carry.
    const ownWatts =
      factor.scaled === 0n
        ? 0n
        : (free * factor.scale) / (BigInt(domain.loadScale) * factor.scaled);
    result = smaller(askedWatts, ownWatts > 0n ? ownWatts : 0n);
    if (domain.index !== hall.index) {
      const parent = at(domain.parentIndex);
      parent.askedWatts += result;
      raise(parent, factor.scaled, factor.scale);
    }
  }
  return result;
}

/** What is known of a domain from below: watts asked for, and the largest load factor on the way up. */
interface Inside {
  askedWatts: bigint;
  most: { readonly scaled: bigint; readonly scale: bigint };
}

function raise(inside: Inside, scaled: bigint, scale: bigint): void {
  if (scaled * inside.most.scale > inside.most.scaled * scale) {
    inside.most = { scaled, scale };
  }
}

function endOf(site: Site, { index, id }: PowerDomain): number {
  let end = index + 1;
  while (site.domains[end]?.id.startsWith(`${id}/`) === true) {
    end += 1;
  }
  return end;
}
