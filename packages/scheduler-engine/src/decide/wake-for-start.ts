import { type Start, wantedIn } from "../placement/wanted.ts";
import { wakeMs } from "../limits.ts";
import { availableNodes } from "../power/free-counts.ts";
import { growthWatts, refreshNode } from "../power/ledger.ts";
import { comingRises } from "../power/ramp-coming.ts";
import { nodesWithin } from "../power/ramp-nodes.ts";
import { roomsAt } from "../power/ramp-room.ts";
import { mayBeWokenFor, sleepingNodes, wakeWorthMs, wokenUntilMs } from "../power/sleepers.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import type { Deciding } from "./deciding.ts";
import { hasIdleRoom } from "./return-node.ts";

/** Sets of sleeping nodes that are tried for one start. */
const setsTriedMax = 8;

/** A start that has no room on the nodes that are on. */
export interface WakingStart {
  readonly job: Job;
  readonly pool: Pool;
  /** As many nodes at most, and at least. */
  readonly nodeCounts: readonly number[];
  /** It was paused: others wait for it, and it may have little left to do. */
  readonly isReturning: boolean;
  /** The steering of the curtailments over it has granted its watts, those of woken nodes among them. */
  readonly isGranted: boolean;
  /** Where it would go now. */
  readonly find: () => Pick<Start, "placement" | "endsByMs"> | undefined;
}

/**
 * Wakes nodes that are off for a planned curtailment, where a start has room with them beside its target, and uses all of
 * them long enough before they would come back anyway. The start follows at once: no node is woken that nobody takes.
 */
export function wakeFor({ state, emit }: Deciding, start: WakingStart): boolean {
  const { site } = start.pool;
  const untilMs = wokenUntilMs(state, site);
  if (untilMs === undefined || sleepingNodes(state, start.pool).length === 0) {
    return false;
  }
  for (const nodes of setsOf(state, start)) {
    if (isStartedOn(state, start, nodes, untilMs)) {
      emit({ kind: "node-wake-requested", site: site.site.id, nodes });
      for (const node of nodes) {
        emit({ kind: "node-returned", site: site.site.id, node });
      }
      return true;
    }
  }
  return false;
}

/** As many sleeping nodes as a gang lacks, of small domains before large ones. */
function setsOf(
  state: EngineState,
  { job, pool, nodeCounts }: WakingStart,
): readonly (readonly number[])[] {
  const { site } = pool;
  const below = new Map<number, number[]>();
  for (const node of sleepingNodes(state, pool)) {
    if (mayBeWokenFor(site, node, job.number)) {
      let at = site.nodeDomain[node] ?? -1;
      for (; at >= 0; at = site.parent[at] ?? -1) {
        const nodes = below.get(at) ?? [];
        nodes.push(node);
        below.set(at, nodes);
      }
    }
  }
  const { gpusPerNode } = job.spec;
  const { mayUseKept } = wantedIn(pool, job, state.nowMs);
  const inner = [...below.keys()].toSorted(
    (a, b) => (site.depth[b] ?? 0) - (site.depth[a] ?? 0) || a - b,
  );
  const sets = new Map<string, readonly number[]>();
  for (const nodeCount of nodeCounts) {
    for (const domain of inner) {
      const nodes = below.get(domain) ?? [];
      const missing = nodeCount - availableNodes({ pool, gpusPerNode, mayUseKept }, domain);
      if (missing > 0 && missing <= nodes.length && sets.size < setsTriedMax) {
        const set = nodes.slice(0, missing);
        sets.set(set.join(), set);
      }
    }
  }
  return [...sets.values()];
}

/** Would it start on all of these nodes, if they were on, and be worth waking them? */
function isStartedOn(
  state: EngineState,
  { job, pool: { site }, isReturning, isGranted, find }: WakingStart,
  nodes: readonly number[],
  untilMs: number,
): boolean {
  const look = (): boolean => {
    const found = find();
    const usedMs = Math.min(untilMs, found?.endsByMs ?? 0) - state.nowMs - wakeMs;
    return (
      found !== undefined &&
      (isReturning || usedMs >= wakeWorthMs) &&
      nodes.every((node) => found.placement.nodes.includes(node)) &&
      isWithinRamps(state, site, job, { placement: found.placement, woken: nodes })
    );
  };
  return belowSteering(site, () => whileAwake(state, site, { nodes, isGranted }, look));
}

/**
 * Looks at a site in which a start has only what the steering leaves free: nobody who runs is lowered for nodes that
 * are woken, though bounds would hold the target.
 */
function belowSteering(site: SiteState, look: () => boolean): boolean {
  const { ceiling } = known(site.horizons[0], "the horizon of now");
  const before = new Map<number, number>();
  for (const { domain, ceilingScaled } of site.startRooms.values()) {
    const most = ceiling[domain] ?? 0;
    before.set(domain, before.get(domain) ?? most);
    ceiling[domain] = Math.min(most, ceilingScaled);
  }
  const answer = look();
  before.forEach((most, domain) => {
    ceiling[domain] = most;
  });
  return answer;
}

/** Looks at a site as if some nodes were on; false: their idle watts have no room. */
function whileAwake(
  state: EngineState,
  site: SiteState,
  { nodes, isGranted }: { readonly nodes: readonly number[]; readonly isGranted: boolean },
  look: () => boolean,
): boolean {
  const before: number[] = [];
  for (const node of nodes) {
    if (!hasIdleRoom(state, site, node, isGranted)) {
      break;
    }
    before.push(site.nodeFlags[node] ?? 0);
    site.nodeFlags[node] = 0;
    refreshNode(site, node);
  }
  const answer = before.length === nodes.length && look();
  before.forEach((flags, at) => {
    const node = nodes[at] ?? 0;
    site.nodeFlags[node] = flags;
    refreshNode(site, node);
  });
  return answer;
}

/** Ramps take the nodes and what starts on them as one step, so that neither waits for the other. */
function isWithinRamps(
  state: EngineState,
  site: SiteState,
  { number, spec }: Job,
  {
    placement: { nodes, capWatts },
    woken,
  }: Pick<Start, "placement"> & { readonly woken: readonly number[] },
): boolean {
  const ramps = state.ramps.get(site.site.id);
  if (ramps === undefined) {
    return true;
  }
  if (state.nowMs < ramps.waitUntilMs && ramps.waiter !== number) {
    return false;
  }
  const now = known(site.horizons[0], "the horizon of now");
  const more = { gpusPerNode: spec.gpusPerNode, capWatts, floorCapWatts: 0 };
  const coming = comingRises(state, site, ramps, { job: number });
  const rooms = roomsAt(ramps, { atMs: state.nowMs, settleMs: wakeMs }, coming);
  const steps = nodes.map((node) => ({
    node,
    watts:
      growthWatts(site, node, more, now) +
      (woken.includes(node) ? (site.nodeBounds[node]?.[0] ?? 0) : 0),
  }));
  return nodesWithin(site, ramps, rooms, steps).length === nodes.length;
}
