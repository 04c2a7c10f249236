import { stopGraceMs } from "../limits.ts";
import { known } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";
import {
  freeCounts,
  type Horizon,
  nodeLost,
  nodeOff,
  type Pool,
  type SiteState,
} from "../state/site-state.ts";

/** When plans count on an attempt being gone. Its bound stays in force until it really is. */
export function holdsUntilMs(attempt: Attempt): number {
  return attempt.endsByMs + stopGraceMs;
}

/** GPUs of a node that attempts and reservations hold at a horizon. */
export function gpusHeldAt(state: SiteState, node: number, horizon: Horizon): number {
  const now = state.gpusHeld[node] ?? 0;
  if (horizon.atMs === -Infinity) {
    return now;
  }
  const reservation = state.reservationOfNode[node];
  if (now === 0 && reservation === undefined) {
    return 0;
  }
  // A lost node may run its attempts for ever.
  let held = 0;
  const isLost = ((state.nodeFlags[node] ?? 0) & nodeLost) !== 0;
  for (const attempt of state.attemptsOnNode[node] ?? []) {
    if (isLost || holdsUntilMs(attempt) > horizon.atMs) {
      held += attempt.gpusPerNode;
    }
  }
  if (
    reservation !== undefined &&
    !reservation.isLifted &&
    reservation.startAtMs <= horizon.atMs &&
    horizon.atMs < reservation.holdsUntilMs
  ) {
    held += reservation.gpusPerNode;
  }
  return Math.min(held, state.nodeGpuCount[node] ?? 0);
}

function nodeWattsAt(state: SiteState, node: number, horizon: Horizon): number {
  if (((state.nodeFlags[node] ?? 0) & nodeOff) !== 0) {
    return 0;
  }
  return state.nodeBounds[node]?.[gpusHeldAt(state, node, horizon)] ?? 0;
}

/** Adds watts of a node to every domain above it, at one horizon. */
export function addLoad(state: SiteState, horizon: Horizon, node: number, watts: number): void {
  let domain = state.nodeDomain[node] ?? -1;
  let scaled = watts * (state.nodeMultiplier[domain] ?? 0);
  while (domain >= 0) {
    horizon.load[domain] = (horizon.load[domain] ?? 0) + scaled;
    scaled *= state.parentMultiplier[domain] ?? 0;
    domain = state.parent[domain] ?? -1;
  }
}

/**
 * Brings everything that follows from a node's facts up to date, after those facts changed: its
 * place in the counts of free GPUs, and its watts in the ledger of every horizon.
 */
export function refreshNode(state: SiteState, node: number): void {
  refreshCounts(state, node);
  for (const horizon of state.horizons) {
    const watts = nodeWattsAt(state, node, horizon);
    const change = watts - (horizon.nodeWatts[node] ?? 0);
    if (change !== 0) {
      horizon.nodeWatts[node] = watts;
      addLoad(state, horizon, node, change);
    }
  }
}

function refreshCounts(state: SiteState, node: number): void {
  const isTaking = (state.nodeFlags[node] ?? 0) === 0;
  const free = isTaking ? (state.nodeGpuCount[node] ?? 0) - (state.gpusHeld[node] ?? 0) : -1;
  const reservation = state.reservationOfNode[node];
  const isKept = reservation !== undefined && !reservation.isLifted ? 1 : 0;
  const countedFree = state.countedFree[node] ?? -1;
  const countedAsKept = state.countedAsKept[node] ?? 0;
  if (free === countedFree && isKept === countedAsKept) {
    return;
  }
  const pool = known(state.nodePool[node], "pool of a node");
  if (countedFree >= 0) {
    count(state, node, { pool, free: countedFree, isKept: countedAsKept }, -1);
  }
  if (free >= 0) {
    count(state, node, { pool, free, isKept }, 1);
  }
  state.countedFree[node] = free;
  state.countedAsKept[node] = isKept;
}

interface CountedAs {
  readonly pool: Pool;
  readonly free: number;
  readonly isKept: number;
}

function count(state: SiteState, node: number, as: CountedAs, change: 1 | -1): void {
  const { free, kept } = as.pool;
  for (
    let domain = state.nodeDomain[node] ?? -1;
    domain >= 0;
    domain = state.parent[domain] ?? -1
  ) {
    const at = domain * freeCounts + as.free;
    free[at] = (free[at] ?? 0) + change;
    if (as.isKept === 1) {
      kept[at] = (kept[at] ?? 0) + change;
    }
  }
}

/** A new horizon with its loads summed from nothing. */
export function createHorizon(state: SiteState, atMs: number, ceiling: Float64Array): Horizon {
  const horizon: Horizon = {
    atMs,
    load: Float64Array.from(state.fixedScaled),
    nodeWatts: new Float64Array(state.site.nodes.length),
    ceiling,
  };
  for (let node = 0; node < horizon.nodeWatts.length; node += 1) {
    const watts = nodeWattsAt(state, node, horizon);
    const domain = state.nodeDomain[node] ?? 0;
    horizon.nodeWatts[node] = watts;
    horizon.load[domain] =
      (horizon.load[domain] ?? 0) + watts * (state.nodeMultiplier[domain] ?? 0);
  }
  sumUp(state, horizon.load);
  return horizon;
}

/** Own loads of the domains become loads with everything below. Children stand after parents. */
export function sumUp(
  state: Pick<SiteState, "parent" | "parentMultiplier">,
  load: Float64Array,
): void {
  for (let domain = load.length - 1; domain > 0; domain -= 1) {
    const parent = state.parent[domain] ?? 0;
    load[parent] =
      (load[parent] ?? 0) + (load[domain] ?? 0) * (state.parentMultiplier[domain] ?? 0);
  }
}

/** May a domain carry this much more at every horizon before `untilMs`? `scaled` at the domain. */
export function hasRoom(
  state: SiteState,
  domain: number,
  scaled: number,
  untilMs: number,
): boolean {
  for (const horizon of state.horizons) {
    if (horizon.atMs >= untilMs) {
      return true;
    }
    if ((horizon.load[domain] ?? 0) + scaled > (horizon.ceiling[domain] ?? 0)) {
      return false;
    }
  }
  return true;
}

/** Growth of a node's watts at a horizon when `gpuCount` more of its GPUs are held. */
export function growthWatts(
  state: SiteState,
  node: number,
  gpuCount: number,
  horizon: Horizon,
): number {
  const held = gpusHeldAt(state, node, horizon) + gpuCount;
  const most = state.nodeGpuCount[node] ?? 0;
  return (
    (state.nodeBounds[node]?.[Math.min(held, most)] ?? Infinity) - (horizon.nodeWatts[node] ?? 0)
  );
}

/** The first domain above a node that cannot carry `gpuCount` more of its GPUs, or -1. */
export function bindingDomain(
  state: SiteState,
  horizons: readonly Horizon[],
  node: number,
  gpuCount: number,
  untilMs: number,
): number {
  for (const horizon of horizons) {
    if (horizon.atMs >= untilMs) {
      break;
    }
    let domain = state.nodeDomain[node] ?? -1;
    let scaled = growthWatts(state, node, gpuCount, horizon) * (state.nodeMultiplier[domain] ?? 0);
    while (domain >= 0) {
      if ((horizon.load[domain] ?? 0) + scaled > (horizon.ceiling[domain] ?? 0)) {
        return domain;
      }
      scaled *= state.parentMultiplier[domain] ?? 0;
      domain = state.parent[domain] ?? -1;
    }
  }
  return -1;
}
