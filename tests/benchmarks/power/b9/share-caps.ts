import type { Need } from "./need.ts";
import type { PoolSettings } from "./pool-node.ts";

export interface NodeCap {
  readonly id: number;
  readonly capWatts: number;
}

/**
 * Caps that add up to the limit at most. In order: what every node wants, scaled down from the floors
 * alike when it does not fit (the nodes of a gang then slow down alike, and its pace is that of the
 * slowest); what those may want at most that wait while their gang wakes, since each holds up its whole gang; what the
 * working ones may; what those that wait may; the rest up to the bounds.
 */
export function shareCaps(needs: readonly Need[], limitWatts: number): Float64Array {
  const levels = [
    Float64Array.from(needs, ({ node }) => node.floorCapWatts),
    Float64Array.from(needs, ({ wantWatts }) => wantWatts),
    mostOf(needs, ["waking"]),
    mostOf(needs, ["waking", "working"]),
    Float64Array.from(needs, ({ mostWatts }) => mostWatts),
    Float64Array.from(needs, ({ node }) => node.boundWatts),
  ];
  let from: Float64Array = new Float64Array(needs.length);
  for (const to of levels) {
    if (sumOf(to) > limitWatts) {
      return between(from, to, limitWatts);
    }
    from = to;
  }
  return from;
}

function mostOf(needs: readonly Need[], ranks: readonly Need["rank"][]): Float64Array {
  return Float64Array.from(needs, ({ rank, mostWatts, wantWatts }) =>
    ranks.includes(rank) ? mostWatts : wantWatts,
  );
}

/** Each the same part of the way from one to the other, as far as the limit goes. */
function between(from: Float64Array, to: Float64Array, limitWatts: number): Float64Array {
  const low = sumOf(from);
  const way = sumOf(to) - low;
  const share = way > 0 ? Math.min(1, Math.max(0, (limitWatts - low) / way)) : 0;
  return from.map((watts, at) => watts + share * ((to[at] ?? watts) - watts));
}

function sumOf(watts: Float64Array): number {
  return watts.reduce((sum, one) => sum + one, 0);
}

/**
 * The next step towards those caps: every lowering now; raises only into watts that are free under the
 * caps in force, so that the sum in force never exceeds the limit whatever is acknowledged when. A cap
 * is lowered only when somebody else is to get the watts.
 */
export function stepCaps(
  needs: readonly Need[],
  wished: Float64Array,
  limitWatts: number,
  settings: PoolSettings,
): readonly NodeCap[] {
  let inForceWatts = 0;
  let raiseWatts = 0;
  for (const [at, { node }] of needs.entries()) {
    inForceWatts += node.capInForceWatts;
    raiseWatts += Math.max(0, (wished[at] ?? 0) - node.capInForceWatts);
  }
  const freeWatts = Math.max(0, limitWatts - inForceWatts);
  const share = raiseWatts > 0 ? Math.min(1, freeWatts / raiseWatts) : 0;
  const caps: NodeCap[] = [];
  for (const [at, { node }] of needs.entries()) {
    const way = (wished[at] ?? 0) - node.capInForceWatts;
    const capWatts =
      way > 0
        ? Math.floor(node.capInForceWatts + way * share)
        : Math.max(Math.floor(node.capInForceWatts + way), node.floorCapWatts);
    if (Math.abs(capWatts - node.capInForceWatts) > settings.stepShare * node.boundWatts) {
      caps.push({ id: node.id, capWatts });
    }
  }
  return caps;
}
