import { toNumber } from "@ertis/quantities";
import { switchOffMs, wakeMs } from "../../limits.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import { isBelow } from "./effects.ts";
import { bindingDomain } from "../ledger.ts";
import { floorCap } from "./curves.ts";
import { availableNodes, freeGpusOf } from "../free-counts.ts";
import { givesMoreFromMs, isFelt } from "../recovery.ts";
import { isSleeping, sleepersIn, sleepingNodes } from "../sleeping-nodes.ts";

/*
 * Nodes that are off for a planned curtailment may be woken in it, for a start that has room with them: others have
 * ended since, and somebody waits.
 */

/** A node that is woken works at least so long before it would have come back anyway: as long as two wakes and falls take. */
export const wakeWorthMs: number = 2 * (switchOffMs + wakeMs);

/** Curtailments that are felt where nodes are off for planned ones alone; none where bounds must not exceed anything. */
function plannedAlone({ nowMs }: EngineState, site: SiteState): readonly Curtailment[] {
  if (!site.isInCurtailment || site.lostSupplies.size > 0 || site.awaySinceMs !== undefined) {
    return [];
  }
  const felt = site.curtailments.filter((one) => isFelt(one, nowMs));
  return felt.every(({ mode }) => mode === "planned") ? felt : [];
}

/**
 * When nodes that are off for planned curtailments come back by themselves; undefined: none is on, it is too late to be
 * worth it, or nodes may be off for something that bounds must not exceed.
 */
export function wokenUntilMs(state: EngineState, site: SiteState): number | undefined {
  const { nowMs } = state;
  const felt = plannedAlone(state, site);
  const backMs = Math.max(...felt.map(givesMoreFromMs));
  // What begins soon would switch them off again.
  const nextMs = Math.min(
    ...site.curtailments.map(({ start }) => toNumber(start)).filter((atMs) => atMs > nowMs),
  );
  const isWorth = Math.min(backMs, nextMs) >= nowMs + wakeMs + wakeWorthMs;
  return felt.length > 0 && isWorth ? backMs : undefined;
}

/** False: nodes that sleep surely make no room for a gang, whoever they are kept for. */
export function maySleepersHelp(
  state: EngineState,
  pool: Pool,
  { nodeCount, gpusPerNode }: { readonly nodeCount: number; readonly gpusPerNode: number },
): boolean {
  const { site } = pool;
  if (wokenUntilMs(state, site) === undefined) {
    return false;
  }
  const { nodes, leastIdleWatts } = sleepersIn(state, pool);
  const [now] = site.horizons;
  const room = (now?.ceiling[0] ?? 0) - (now?.load[0] ?? 0);
  return (
    nodes.length > 0 &&
    leastIdleWatts * (site.scaledPerWattMin[0] ?? 0) <= room &&
    availableNodes({ pool, gpusPerNode, mayUseKept: true }, 0) + nodes.length >= nodeCount
  );
}

type Return = Pick<PausedTask, "job" | "task" | "nodes" | "gpusPerNode">;

/**
 * Nodes with which a paused task comes back, where it cannot on its own and other jobs or pauses keep too few on: idle
 * ones, which go off in a plan, before those that sleep.
 */
export function nodesForReturn(
  state: EngineState,
  site: SiteState,
  back: Return,
): readonly number[] {
  const { job, task, nodes, gpusPerNode } = back;
  const pool = site.nodePool[nodes[0] ?? -1];
  const felt = plannedAlone(state, site);
  const own = new Set(nodes);
  const isTaking = (node: number): boolean =>
    (own.has(node) ? freeGpusOf(site, node) : (site.countedFree[node] ?? -1)) >= gpusPerNode;
  const hasStopped = state.jobs.get(job)?.active?.has(task) !== true;
  if (pool === undefined || felt.length === 0 || !hasStopped || nodes.every(isTaking)) {
    return [];
  }
  const kept = keptByPaused(state, site);
  const staysOn = (node: number): boolean =>
    (site.gpusHeld[node] ?? 0) > 0 ||
    kept.has(node) ||
    !felt.some(({ domain }) => isBelow(site, [node], domain));
  const on: number[] = [];
  const idle: number[] = [];
  site.nodePool.forEach((ofPool, node) => {
    if (ofPool === pool && isTaking(node) && mayBeWokenFor(site, node, job)) {
      (staysOn(node) ? on : idle).push(node);
    }
  });
  const count = nodes.length;
  const missingCount = count - borneOf(state, site, back, { nodes: on, count }).length;
  const isLate = wokenUntilMs(state, site) === undefined;
  const asleep = isLate ? [] : sleepingNodes(state, pool);
  const others = [...idle, ...asleep.filter((node) => mayBeWokenFor(site, node, job))];
  const found = borneOf(state, site, back, { nodes: others, count: missingCount });
  return found.length < missingCount ? [] : found;
}

/** The first so many nodes of these on which breakers bear a paused task at its lowest cap, each beside what is there now. */
export function borneOf(
  state: EngineState,
  site: SiteState,
  { job, gpusPerNode }: Return,
  { nodes, count }: { readonly nodes: Iterable<number>; readonly count: number },
): readonly number[] {
  const windows = site.horizons.slice(0, 1).map((now) => ({ ...now, ceiling: site.hardCeiling }));
  const spec = state.jobs.get(job)?.spec;
  const borne: number[] = [];
  for (const node of nodes) {
    if (borne.length >= count) {
      break;
    }
    const pool = site.nodePool[node];
    const capWatts = spec === undefined || pool === undefined ? 0 : floorCap(pool, spec);
    const more = { gpusPerNode, capWatts, floorCapWatts: capWatts };
    if (bindingDomain(site, windows, node, more) === -1) {
      borne.push(node);
    }
  }
  return borne;
}

/** Of these nodes those that would have to be woken. */
export function sleepersForReturn(
  state: EngineState,
  site: SiteState,
  paused: Return,
): readonly number[] {
  return nodesForReturn(state, site, paused).filter((node) => isSleeping(site, node));
}

/** Nodes on which tasks ran that were paused: they stay on, unless told of whom they may go off. */
export function keptByPaused(
  { curtailments }: EngineState,
  { site }: SiteState,
  mayGoOff?: (paused: PausedTask) => boolean,
): Set<number> {
  const kept = new Set<number>();
  for (const paused of curtailments.paused.values()) {
    if (paused.site === site.id && mayGoOff?.(paused) !== true) {
      paused.nodes.forEach((node) => kept.add(node));
    }
  }
  return kept;
}

/** Nodes of a promised start sleep for it alone. */
export function mayBeWokenFor(
  { reservationOfNode }: SiteState,
  node: number,
  job: number,
): boolean {
  const reservation = reservationOfNode[node];
  return reservation === undefined || reservation.isLifted || reservation.job === job;
}
