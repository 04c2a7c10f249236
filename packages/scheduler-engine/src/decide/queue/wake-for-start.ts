import { type Start, wantedIn } from "../../placement/wanted.ts";
import { wakeMs } from "../../limits.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { growthWatts, refreshNode } from "../../power/ledger.ts";
import { comingRises } from "../../power/ramp/ramp-coming.ts";
import { nodesWithin } from "../../power/ramp/ramp-nodes.ts";
import { roomsAt } from "../../power/ramp/ramp-room.ts";
import { mayBeWokenFor, wakeWorthMs, wokenUntilMs } from "../../power/shedding/sleepers.ts";
import { sleepingBelow, sleepingNodes } from "../../power/sleeping-nodes.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";
import { type IdleRoom, idleRoom } from "./return-node.ts";

/** Sets of sleeping nodes that are tried for one start of so many nodes. */
const setsTriedMax = 8;

/** What is looked at of a start that was found. */
type Found = Pick<Start, "placement" | "endsByMs">;

/** A start that has no room on the nodes that are on. */
export interface WakingStart<S extends Found = Found> {
  readonly job: Job;
  readonly pool: Pool;
  /** As many nodes at most, and at least. */
  readonly nodeCounts: readonly number[];
  /** It was paused: others wait for it, and it may have little left to do. */
  readonly isReturning: boolean;
  /** The steering of the curtailments over it has granted its watts, those of woken nodes among them. */
  readonly isGranted: boolean;
  /** Where it would go now. */
  readonly find: () => S | undefined;
}

/** Nodes that are woken, and the start that is then possible. */
export interface Woken<S extends Found> {
  readonly nodes: readonly number[];
  readonly start: S;
}

/**
 * Wakes nodes that are off for a planned curtailment, where a start has room with them beside its target, and uses all of
 * them long enough before they would come back anyway. The start follows at once: no node is woken that nobody takes.
 */
export function wakeFor({ state, emit }: Deciding, start: WakingStart): boolean {
  const { site } = start.pool.site;
  const nodes = startOnWoken(state, start)?.nodes;
  if (nodes === undefined) {
    return false;
  }
  emit({ kind: "node-wake-requested", site: site.id, nodes });
  for (const node of nodes) {
    emit({ kind: "node-returned", site: site.id, node, wake: "trusted" });
  }
  return true;
}

/** Those that `wakeFor` would wake, and the start on them; undefined: it is possible with none. */
export function startOnWoken<S extends Found>(
  state: EngineState,
  start: WakingStart<S>,
): Woken<S> | undefined {
  const { site } = start.pool;
  const untilMs = wokenUntilMs(state, site);
  if (untilMs === undefined || sleepingNodes(state, start.pool).length === 0) {
    return undefined;
  }
  const hasRoom = idleRoom(state, site);
  for (const nodes of setsOf(state, start)) {
    const found = startedOn(state, start, { nodes, untilMs, hasRoom });
    if (found !== undefined) {
      return { nodes, start: found };
    }
  }
  return undefined;
}

/** As many sleeping nodes as a gang lacks, of small domains before large ones. */
function setsOf(
  state: EngineState,
  { job, pool, nodeCounts }: WakingStart,
): readonly (readonly number[])[] {
  const { gpusPerNode } = job.spec;
  const { mayUseKept } = wantedIn(pool, job, state.nowMs);
  const sets = new Map<string, readonly number[]>();
  for (const nodeCount of nodeCounts) {
    const most = sets.size + setsTriedMax;
    for (const [domain, nodes] of sleepingBelow(state, pool)) {
      if (sets.size === most) {
        break;
      }
      const missing = nodeCount - availableNodes({ pool, gpusPerNode, mayUseKept }, domain);
      const set = missing > nodes.length ? [] : firstFor(pool.site, job, nodes, missing);
      if (missing > 0 && set.length === missing) {
        sets.set(set.join(), set);
      }
    }
  }
  return [...sets.values()];
}

/** The first so many that may be woken for a job. */
function firstFor(
  site: SiteState,
  { number }: Job,
  nodes: readonly number[],
  count: number,
): readonly number[] {
  const first: number[] = [];
  for (const node of nodes) {
    if (first.length >= count) {
      break;
    }
    if (mayBeWokenFor(site, node, number)) {
      first.push(node);
    }
  }
  return first;
}

/** Nodes to be looked at as if they were on, where their idle watts have room. */
interface Awake {
  readonly nodes: readonly number[];
  readonly hasRoom: IdleRoom;
}

/** Its start on all of these nodes, if they were on, where it is worth waking them. */
function startedOn<S extends Found>(
  state: EngineState,
  { job, pool: { site }, isReturning, isGranted, find }: WakingStart<S>,
  { nodes, untilMs, hasRoom }: Awake & { readonly untilMs: number },
): S | undefined {
  const look = (): S | undefined => {
    const found = find();
    const usedMs = Math.min(untilMs, found?.endsByMs ?? 0) - state.nowMs - wakeMs;
    const isMeant =
      found !== undefined &&
      (isReturning || usedMs >= wakeWorthMs) &&
      nodes.every((node) => found.placement.nodes.includes(node)) &&
      isWithinRamps(state, site, job, { placement: found.placement, woken: nodes });
    return isMeant ? found : undefined;
  };
  return belowSteering(site, () => whileAwake(site, { nodes, hasRoom }, isGranted, look));
}

/**
 * Looks at a site in which a start has only what the steering leaves free: nobody who runs is lowered for nodes that
 * are woken, though bounds would hold the target.
 */
function belowSteering<T>(site: SiteState, look: () => T): T {
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

/** Looks at a site as if some nodes were on; undefined: their idle watts have no room. */
function whileAwake<T>(
  site: SiteState,
  { nodes, hasRoom }: Awake,
  isGranted: boolean,
  look: () => T | undefined,
): T | undefined {
  const before: number[] = [];
  for (const node of nodes) {
    if (!hasRoom(node, isGranted)) {
      break;
    }
    before.push(site.nodeFlags[node] ?? 0);
    site.nodeFlags[node] = 0;
    refreshNode(site, node);
  }
  const answer = before.length === nodes.length ? look() : undefined;
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
