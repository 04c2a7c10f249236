import { toNumber, type Watts, watts } from "@ertis/quantities";
import type { Plan } from "./plan.ts";
import { addRatios, multiplyRatios, type Ratio, ratio } from "./ratio.ts";
import type { NodeClass } from "./site.ts";

/** What a domain adds up to, with everything in it. Counts above 2^53 are only ever too large. */
export interface Totals {
  readonly nodeCount: number;
  readonly domainCount: number;
  /** Longest id below the domain, in characters, with its leading slash. */
  readonly longestTail: number;
  readonly fixedWatts: Watts;
  /** Load with every node idle, and with every node at its peak. */
  readonly idleLoad: Ratio;
  readonly peakLoad: Ratio;
}

export const noTotals: Totals = {
  nodeCount: 0,
  domainCount: 1,
  longestTail: 0,
  fixedWatts: watts(0),
  idleLoad: ratio(0n),
  peakLoad: ratio(0n),
};

type Inside = Pick<Plan, "fixedWatts" | "loadFactor" | "children" | "nodes"> & {
  readonly networkWatts: Watts;
};

/** Undefined when the fixed load is more than can be counted. */
export function totalsOf(inside: Inside, nodeClasses: readonly NodeClass[]): Totals | undefined {
  let nodeCount = 0;
  let domainCount = 1;
  let longestTail = 0;
  let idle = ratio(0n);
  let peak = ratio(0n);
  for (const { classIndex, count } of inside.nodes) {
    const nodeClass = nodeClasses[classIndex];
    if (nodeClass !== undefined) {
      nodeCount += count;
      const many = BigInt(count);
      idle = addRatios(idle, ratio(BigInt(toNumber(nodeClass.idleWatts)) * many));
      peak = addRatios(peak, ratio(BigInt(toNumber(nodeClass.peakWatts)) * many));
    }
  }
  if (nodeCount > 0) {
    longestTail = `/node-${nodeCount}`.length;
  }
  for (const { names, plan } of inside.children) {
    const many = ratio(BigInt(names.length));
    const longestName = names.reduce((most, name) => Math.max(most, name.length), 0);
    nodeCount += names.length * plan.totals.nodeCount;
    domainCount += names.length * plan.totals.domainCount;
    longestTail = Math.max(longestTail, 1 + longestName + plan.totals.longestTail);
    idle = addRatios(idle, multiplyRatios(many, plan.totals.idleLoad));
    peak = addRatios(peak, multiplyRatios(many, plan.totals.peakLoad));
  }
  const fixed = toNumber(inside.fixedWatts) + toNumber(inside.networkWatts) * nodeCount;
  if (fixed > Number.MAX_SAFE_INTEGER) {
    return undefined;
  }
  const fixedRatio = ratio(BigInt(fixed));
  return {
    nodeCount,
    domainCount,
    longestTail,
    fixedWatts: watts(fixed),
    idleLoad: addRatios(multiplyRatios(inside.loadFactor, idle), fixedRatio),
    peakLoad: addRatios(multiplyRatios(inside.loadFactor, peak), fixedRatio),
  };
}
