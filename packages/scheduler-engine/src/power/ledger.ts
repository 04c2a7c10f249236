import { holdsUntilMs } from "./attempt-ends.ts";
import { refreshCounts } from "./free-counts.ts";
import { capInForce, cutWatts, isAboveCap } from "../state/caps.ts";
import { addToSupplies, bindingSupplyOf } from "../state/columns.ts";
import { forgetMoments } from "./kept-moments.ts";
import {
  type Horizon,
  nodeLost,
  nodeOff,
  type Reservation,
  type SiteState,
} from "../state/site-state.ts";

/** GPUs of a node that attempts and reservations hold at a horizon. */
function gpusHeldAt(state: SiteState, node: number, horizon: Horizon): number {
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
  if (reservation !== undefined && isHolding(reservation, horizon)) {
    held += reservation.gpusPerNode;
  }
  return Math.min(held, state.nodeGpuCount[node] ?? 0);
}

/** Watts that caps take off the bound of a node at a horizon. */
function cutAt(state: SiteState, node: number, horizon: Horizon): number {
  const now = state.cutHeld[node] ?? 0;
  if (horizon.atMs === -Infinity) {
    return now;
  }
  const reservation = state.reservationOfNode[node];
  const isCurtailed = horizon.isCurtailed?.[state.nodeDomain[node] ?? 0] === 1;
  if (now === 0 && !isCurtailed && (reservation?.capWatts ?? 0) === 0) {
    return 0;
  }
  let cut = 0;
  let gpuCount = 0;
  const isLost = ((state.nodeFlags[node] ?? 0) & nodeLost) !== 0;
  for (const attempt of state.attemptsOnNode[node] ?? []) {
    if (isLost || holdsUntilMs(attempt) > horizon.atMs) {
      gpuCount += attempt.gpusPerNode;
      // Who does not answer is not shed either.
      const { floorCapWatts } = attempt;
      const capWatts = capInForce(attempt, node);
      const cap = isCurtailed && !isLost ? plannedCap({ capWatts, floorCapWatts }) : capWatts;
      cut += cutWatts(state, node, attempt.gpusPerNode, cap);
    }
  }
  if (reservation !== undefined && isHolding(reservation, horizon)) {
    // It comes as it was promised, beside others at their floors, and is lowered as they are only after that.
    const mayBeLowered = isCurtailed && horizon.atMs > reservation.startAtMs;
    const cap = mayBeLowered ? plannedCap(reservation) : reservation.capWatts;
    const kept = cutWatts(state, node, reservation.gpusPerNode, cap);
    gpuCount += reservation.gpusPerNode;
    // Who runs there may end a little after a start that was promised before its cap fell. No GPU is cut twice.
    cut = gpuCount > (state.nodeGpuCount[node] ?? 0) ? Math.min(cut, kept) : cut + kept;
  }
  return cut;
}

/** What GPUs are capped to in an announced curtailment, if they have to be. */
function plannedCap({
  capWatts,
  floorCapWatts,
}: Pick<MoreGpus, "capWatts" | "floorCapWatts">): number {
  return floorCapWatts !== 0 && isAboveCap(capWatts, floorCapWatts) ? floorCapWatts : capWatts;
}

function isHolding(reservation: Reservation, horizon: Horizon): boolean {
  return (
    !reservation.isLifted &&
    reservation.startAtMs <= horizon.atMs &&
    horizon.atMs < reservation.holdsUntilMs
  );
}

/** Bound of a node that is on, with some GPUs held and some watts taken off by caps. */
function boundOf(state: SiteState, node: number, held: number, cut: number): number {
  const bounds = state.nodeBounds[node];
  const most = state.nodeGpuCount[node] ?? 0;
  const uncapped = bounds?.[Math.min(held, most)] ?? Infinity;
  return cut === 0 ? uncapped : Math.max(bounds?.[0] ?? 0, uncapped - cut);
}

/** Is a node that is off promised to be on at a horizon? */
function isBackBy(state: SiteState, node: number, { atMs }: Horizon): boolean {
  const reservation = state.reservationOfNode[node];
  return reservation !== undefined && !reservation.isLifted && atMs >= reservation.wakeByMs;
}

export function nodeWattsAt(state: SiteState, node: number, horizon: Horizon): number {
  if (((state.nodeFlags[node] ?? 0) & nodeOff) !== 0 && !isBackBy(state, node, horizon)) {
    return 0;
  }
  return boundOf(state, node, gpusHeldAt(state, node, horizon), cutAt(state, node, horizon));
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
  if (state.transfersOf !== undefined) {
    addToSupplies(state, state.transfersOf, horizon.load, { node, watts });
  }
}

/**
 * Brings everything that follows from a node's facts up to date, after those facts changed: its
 * place in the counts of free GPUs, when GPUs of it are free, and its watts in the ledger of every horizon.
 */
export function refreshNode(state: SiteState, node: number): void {
  refreshCounts(state, node);
  forgetMoments(state, node);
  for (const horizon of state.horizons) {
    refreshWatts(state, horizon, node);
  }
}

/** The watts of one node in a ledger, after what they follow from changed. */
export function refreshWatts(state: SiteState, horizon: Horizon, node: number): void {
  const watts = nodeWattsAt(state, node, horizon);
  const change = watts - (horizon.nodeWatts[node] ?? 0);
  if (change !== 0) {
    horizon.nodeWatts[node] = watts;
    addLoad(state, horizon, node, change);
  }
}

/** How much more is asked of a domain, scaled. */
export interface MoreLoad {
  readonly scaled: number;
  /** The same in an announced curtailment. */
  readonly curtailedScaled: number;
}

/** May a domain carry this much more at every horizon before `untilMs`? */
export function hasRoom(
  horizons: readonly Horizon[],
  domain: number,
  more: MoreLoad,
  untilMs: number,
): boolean {
  for (const horizon of horizons) {
    if (horizon.atMs >= untilMs) {
      return true;
    }
    const scaled = horizon.isCurtailed?.[domain] === 1 ? more.curtailedScaled : more.scaled;
    if ((horizon.load[domain] ?? 0) + scaled > (horizon.ceiling[domain] ?? 0)) {
      return false;
    }
  }
  return true;
}

/** More GPUs of a node, and how they are held. */
export interface MoreGpus {
  readonly gpusPerNode: number;
  /** 0: not capped. */
  readonly capWatts: number;
  /** What they can be lowered to in an announced curtailment; 0: they cannot. */
  readonly floorCapWatts: number;
}

/** No more of them: what the node adds by being on. */
export const noMoreGpus: MoreGpus = { gpusPerNode: 0, capWatts: 0, floorCapWatts: 0 };

/** Growth of a node's watts at a horizon when more of its GPUs are held. */
export function growthWatts(
  state: SiteState,
  node: number,
  more: MoreGpus,
  horizon: Horizon,
): number {
  const held = gpusHeldAt(state, node, horizon) + more.gpusPerNode;
  const isCurtailed = horizon.isCurtailed?.[state.nodeDomain[node] ?? 0] === 1;
  const cap = isCurtailed ? plannedCap(more) : more.capWatts;
  const cut = cutAt(state, node, horizon) + cutWatts(state, node, more.gpusPerNode, cap);
  return boundOf(state, node, held, cut) - (horizon.nodeWatts[node] ?? 0);
}

/** GPUs of a node that one attempt holds, each under this cap. */
export type HeldGpus = Pick<MoreGpus, "gpusPerNode" | "capWatts">;

/** Bound of a node that is on while just these are held. */
export function boundWith(state: SiteState, node: number, held: readonly HeldGpus[]): number {
  let count = 0;
  let cut = 0;
  for (const { gpusPerNode, capWatts } of held) {
    count += gpusPerNode;
    cut += cutWatts(state, node, gpusPerNode, capWatts);
  }
  return boundOf(state, node, count, cut);
}

/** The same where nothing else runs on the node: the most that it can grow by. */
export function freshWatts(state: SiteState, node: number, held: HeldGpus): number {
  return boundWith(state, node, [held]) - boundWith(state, node, []);
}

/** The first domain above a node that cannot carry more of its GPUs in one of the windows, or -1. */
export function bindingDomain(
  state: SiteState,
  horizons: readonly Horizon[],
  node: number,
  more: MoreGpus,
): number {
  for (const horizon of horizons) {
    let domain = state.nodeDomain[node] ?? -1;
    let scaled = growthWatts(state, node, more, horizon) * (state.nodeMultiplier[domain] ?? 0);
    while (domain >= 0) {
      if ((horizon.load[domain] ?? 0) + scaled > (horizon.ceiling[domain] ?? 0)) {
        return domain;
      }
      scaled *= state.parentMultiplier[domain] ?? 0;
      domain = state.parent[domain] ?? -1;
    }
    if (state.transfersOf !== undefined) {
      const watts = growthWatts(state, node, more, horizon);
      const binding = bindingSupplyOf(state, state.transfersOf, horizon, { node, watts });
      if (binding !== -1) {
        return binding;
      }
    }
  }
  return -1;
}
