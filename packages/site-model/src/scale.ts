import { greatestCommonDivisor, leastCommonMultiple, type Ratio } from "./ratio.ts";

/**
 * How a domain's load is counted in whole numbers.
 *
 * load = numerator/denominator × (nodes + children) + fixed. With the children counted in units of
 * 1/inner watt, the load is a whole number of units of 1/scale watt, where scale is the smallest
 * such number and `outerPerInner` turns one unit inside into units of the load.
 */
export interface LoadScale {
  readonly scale: bigint;
  readonly inner: bigint;
  readonly outerPerInner: bigint;
}

export function loadScaleOf(loadFactor: Ratio, childScales: readonly bigint[]): LoadScale {
  const inner = childScales.reduce(leastCommonMultiple, 1n);
  const common = greatestCommonDivisor(loadFactor.numerator, inner);
  return {
    inner,
    scale: (loadFactor.denominator * inner) / common,
    outerPerInner: loadFactor.numerator / common,
  };
}

/** What one watt of a node directly in the domain adds to the domain's scaled load. */
export function nodeMultiplier(own: LoadScale): bigint {
  return own.inner * own.outerPerInner;
}

/** What one unit of a child's scaled load adds to the parent's. */
export function parentMultiplier(parent: LoadScale, childScale: bigint): bigint {
  return (parent.inner / childScale) * parent.outerPerInner;
}
