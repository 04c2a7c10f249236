import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import type { Attempt } from "./job.ts";
import type { SiteState } from "./site-state.ts";

/** What caps mean for the nodes of a class. */
export interface ClassCaps {
  /** The cap that is the same as none; 0: its GPUs cannot be capped. */
  readonly highestWatts: number;
  /** The most that a cap takes off the bound of one GPU. */
  readonly cutWattsMax: number;
  /** A gang with fewer GPUs of the node makes no difference. */
  readonly gpuCountMin: number;
}

/** A cap takes off what it is below the highest, but never the idle share of the GPU. */
export function capsOfClass(nodeClass: NodeClass): ClassCaps {
  const { gpuCap, gpuCount } = nodeClass;
  if (gpuCap === undefined) {
    return { highestWatts: 0, cutWattsMax: 0, gpuCountMin: 0 };
  }
  const range = toNumber(nodeClass.peakWatts) - toNumber(nodeClass.idleWatts);
  const highestWatts = toNumber(gpuCap.highestWatts);
  return {
    highestWatts,
    gpuCountMin: nodeClass.partUse === "peak" ? gpuCount : 0,
    cutWattsMax: Math.min(
      Math.floor(range / gpuCount),
      highestWatts - toNumber(gpuCap.lowestWatts),
    ),
  };
}

/**
 * Watts that a cap takes off the bound of a node where an attempt holds `gpuCount` GPUs. On a node
 * whose part use counts as its peak only a gang that holds all of it makes a difference: else the
 * bound would rise again when it ends.
 */
export function cutWatts(
  site: SiteState,
  node: number,
  gpuCount: number,
  capWatts: number,
): number {
  const caps = site.nodeCaps[node];
  return caps === undefined ? 0 : cutWattsOf(caps, gpuCount, capWatts);
}

/** The same by the class of the node. */
export function cutWattsOf(caps: ClassCaps, gpuCount: number, capWatts: number): number {
  const isLost = capWatts === 0 || capWatts >= caps.highestWatts || gpuCount < caps.gpuCountMin;
  return isLost ? 0 : gpuCount * Math.min(caps.highestWatts - capWatts, caps.cutWattsMax);
}

/** The cap that may be in force on a node of an attempt: the highest that was not yet replaced. */
export function capInForce(
  attempt: Pick<Attempt, "capWatts" | "capInForce">,
  node: number,
): number {
  return attempt.capInForce?.get(node) ?? attempt.capWatts;
}

/** Is cap `a` above cap `b`? 0 is no cap. */
export function isAboveCap(a: number, b: number): boolean {
  return a === 0 ? b !== 0 : b !== 0 && a > b;
}

/** Sums up anew what caps take off the bound of a node now. */
export function refreshCut(site: SiteState, node: number): void {
  let cut = 0;
  for (const attempt of site.attemptsOnNode[node] ?? []) {
    cut += cutWatts(site, node, attempt.gpusPerNode, capInForce(attempt, node));
  }
  site.cutHeld[node] = cut;
}
