/** A second way to add up loads, for tests of power: by their definition, in fractions. */
import type { PowerDomain, Site } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import type { ClusterPlan, SitePlan } from "./plan.ts";
import { itemAt } from "./test-sites.ts";

/** Rational numbers, kept apart from how the package counts. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

export function plus(a: Fraction, b: Fraction): Fraction {
  // Most denominators divide each other; without this they would grow with every sum.
  if (a.bottom % b.bottom === 0n) {
    return { top: a.top + b.top * (a.bottom / b.bottom), bottom: a.bottom };
  }
  return b.bottom % a.bottom === 0n
    ? plus(b, a)
    : { top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom };
}

export function isAtMost(a: Fraction, limitWatts: number): boolean {
  return a.top <= BigInt(limitWatts) * a.bottom;
}

/** Loads by their definition: loadFactor × what is inside + fixed, where something stands. */
export function loadsOf(
  site: Site,
  drawOfNode: (index: number) => number | undefined,
  isStanding: (domain: PowerDomain) => boolean,
): readonly Fraction[] {
  const children = Map.groupBy(site.domains, ({ parentIndex }) => parentIndex);
  const nodes = Map.groupBy(site.nodes, ({ domainIndex }) => domainIndex);
  const loads: Fraction[] = [];
  const load = (domain: PowerDomain): Fraction => {
    let inside: Fraction = { top: 0n, bottom: 1n };
    for (const child of children.get(domain.index) ?? []) {
      inside = plus(inside, load(child));
    }
    for (const { index } of nodes.get(domain.index) ?? []) {
      inside = plus(inside, { top: BigInt(drawOfNode(index) ?? 0), bottom: 1n });
    }
    const { numerator, denominator } = domain.loadFactor;
    const fixedWatts = isStanding(domain) ? toNumber(domain.fixedWatts) : 0;
    const result = plus(
      { top: inside.top * BigInt(numerator), bottom: inside.bottom * BigInt(denominator) },
      { top: BigInt(fixedWatts), bottom: 1n },
    );
    loads[domain.index] = result;
    return result;
  };
  load(itemAt(site.domains, 0));
  return loads;
}

/** What stands when only these halls do: they, what is in them and what is above them. */
export function standingWith(clusters: readonly ClusterPlan[]): (domain: PowerDomain) => boolean {
  return ({ id }) =>
    clusters.some(({ hall }) => `${id}/`.startsWith(`${hall.id}/`) || hall.id.startsWith(`${id}/`));
}

/** Product of the load factors of everything above a domain. */
export function factorAbove(site: Site, domain: PowerDomain): Fraction {
  let [top, bottom] = [1n, 1n];
  for (
    let above = site.domains[domain.parentIndex];
    above !== undefined;
    above = site.domains[above.parentIndex]
  ) {
    top *= BigInt(above.loadFactor.numerator);
    bottom *= BigInt(above.loadFactor.denominator);
  }
  return { top, bottom };
}

/**
 * The most that GPUs of a hall can add within all its limits: node by node, each as much as every
 * domain above it still has. For a tree of limits that is the maximum when losses are alike.
 */
export function mostWatts(plan: SitePlan, cluster: ClusterPlan): bigint {
  const { site } = plan;
  const idle = loadsOf(
    site,
    (index) => idleOf(site, index),
    () => true,
  );
  const free = site.domains.map((domain) => {
    const { top, bottom } = itemAt(idle, domain.index);
    return { top: BigInt(toNumber(domain.usableWatts)) * bottom - top, bottom };
  });
  let total = 0n;
  for (const { id, domainIndex, classIndex } of site.nodes) {
    if (!id.startsWith(`${cluster.hall.id}/`)) {
      continue;
    }
    const { gpuCount, idleWatts, peakWatts } = itemAt(site.nodeClasses, classIndex);
    const perGpu = Math.ceil((toNumber(peakWatts) - toNumber(idleWatts)) / gpuCount);
    let given = BigInt(perGpu * gpuCount);
    const steps: { readonly index: number; readonly factor: Fraction }[] = [];
    let factor: Fraction = { top: 1n, bottom: 1n };
    for (
      let domain = site.domains[domainIndex];
      domain !== undefined && domain.id.startsWith(cluster.hall.id);
      domain = site.domains[domain.parentIndex]
    ) {
      factor = {
        top: factor.top * BigInt(domain.loadFactor.numerator),
        bottom: factor.bottom * BigInt(domain.loadFactor.denominator),
      };
      steps.push({ index: domain.index, factor });
      const { top, bottom } = itemAt(free, domain.index);
      const room = (top * factor.bottom) / (bottom * factor.top);
      given = given < room ? given : room;
    }
    total += given;
    for (const { index, factor: own } of steps) {
      const before = itemAt(free, index);
      free[index] = plus(before, { top: -given * own.top, bottom: own.bottom });
    }
  }
  return total;
}

export function idleOf(site: Site, nodeIndex: number): number {
  return toNumber(itemAt(site.nodeClasses, itemAt(site.nodes, nodeIndex).classIndex).idleWatts);
}
