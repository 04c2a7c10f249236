import type { Horizon, SiteState } from "../state/site-state.ts";
import { byEnd } from "./attempt-ends.ts";
import { nodeWattsAt, refreshWatts } from "./ledger.ts";

/** A new horizon: from that of now where there is one, else with its loads summed from nothing. */
export function createHorizon(
  state: SiteState,
  atMs: number,
  ceiling: Float64Array,
  isCurtailed?: Uint8Array,
): Horizon {
  const now = state.horizons[0];
  return now === undefined || atMs === -Infinity || isCurtailed !== undefined
    ? summedHorizon(state, atMs, ceiling, isCurtailed)
    : laterHorizon(state, now, atMs, ceiling);
}

/**
 * From that of an earlier moment, in which nothing is curtailed: only where an attempt has ended since, or
 * something is kept, does a node differ.
 */
export function laterHorizon(
  state: SiteState,
  before: Horizon,
  atMs: number,
  ceiling: Float64Array,
): Horizon {
  const horizon = copyAt(state, before, atMs, ceiling);
  // Up to eight attempts end on a node, whose watts are asked for once.
  const isRefreshed = new Uint8Array(horizon.nodeWatts.length);
  for (const { attempt, untilMs } of byEnd(state, before.atMs)) {
    if (untilMs > atMs) {
      break;
    }
    const { heldNodes } = attempt;
    state.nodesLookedAhead += heldNodes.length;
    for (let at = 0; at < heldNodes.length; at += 1) {
      const node = heldNodes[at] ?? 0;
      if (isRefreshed[node] === 0) {
        isRefreshed[node] = 1;
        refreshWatts(state, horizon, node);
      }
    }
  }
  for (const { reservations } of state.pools) {
    for (const { nodes } of reservations) {
      for (const node of nodes) {
        refreshWatts(state, horizon, node);
      }
    }
  }
  return horizon;
}

/** Columns of ledgers that nobody needs any more: those of a large site are dear to make and to collect. */
const spares = new WeakMap<SiteState, Pick<Horizon, "load" | "nodeWatts">[]>();
const sparesMax = 4;

function copyAt(
  state: SiteState,
  { load, nodeWatts }: Horizon,
  atMs: number,
  ceiling: Float64Array,
): Horizon {
  const spare = spares.get(state)?.pop();
  if (spare === undefined) {
    const copied = { load: load.slice(), nodeWatts: nodeWatts.slice() };
    return { atMs, ...copied, ceiling, isCurtailed: undefined };
  }
  spare.load.set(load);
  spare.nodeWatts.set(nodeWatts);
  return { atMs, load: spare.load, nodeWatts: spare.nodeWatts, ceiling, isCurtailed: undefined };
}

/** A ledger that was only looked at: nobody may read it any more. */
export function letGoOf(state: SiteState, { load, nodeWatts }: Horizon): void {
  const kept = spares.get(state) ?? [];
  spares.set(state, kept);
  if (kept.length < sparesMax) {
    kept.push({ load, nodeWatts });
  }
}

function summedHorizon(
  state: SiteState,
  atMs: number,
  ceiling: Float64Array,
  isCurtailed: Uint8Array | undefined,
): Horizon {
  const horizon: Horizon = {
    atMs,
    load: state.fixedScaled.slice(),
    nodeWatts: new Float64Array(state.site.nodes.length),
    ceiling,
    isCurtailed,
  };
  for (let node = 0; node < horizon.nodeWatts.length; node += 1) {
    const watts = nodeWattsAt(state, node, horizon);
    const domain = state.nodeDomain[node] ?? 0;
    horizon.nodeWatts[node] = watts;
    horizon.load[domain] =
      (horizon.load[domain] ?? 0) + watts * (state.nodeMultiplier[domain] ?? 0);
  }
  sumUp(state, horizon.load);
  sumTransfers(state, horizon.load);
  return horizon;
}

/** Own loads of the domains become loads with everything below. Children stand after parents. */
export function sumUp(
  state: Pick<SiteState, "parent" | "parentMultiplier">,
  load: Float64Array,
): void {
  for (let domain = state.parent.length - 1; domain > 0; domain -= 1) {
    const parent = state.parent[domain] ?? 0;
    load[parent] =
      (load[parent] ?? 0) + (load[domain] ?? 0) * (state.parentMultiplier[domain] ?? 0);
  }
}

/** Loads of domains, summed up before, count at the supplies they would hang on. */
function sumTransfers(state: SiteState, load: Float64Array): void {
  state.transfersOf?.forEach((columns, domain) => {
    const scaled = (load[domain] ?? 0) * (state.parentMultiplier[domain] ?? 0);
    for (const column of columns) {
      load[column] = (load[column] ?? 0) + scaled;
    }
  });
}
