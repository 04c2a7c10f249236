import { toNumber } from "@ertis/quantities";
import { assertWithinLimits } from "./hold-nodes.ts";
import { loseReservation } from "./power.ts";
import { refreshHorizons } from "../power/horizons.ts";
import { refreshNode } from "../power/ledger.ts";
import { isSwitchedOff, wakeMoments } from "../power/promised-wakes.ts";
import { fillPromisedRooms } from "../power/start-rooms.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import {
  nodeCordoned,
  nodeDraining,
  nodeAsleep,
  nodeLost,
  type NodeNote,
  nodeOff,
  type SiteState,
} from "../state/site-state.ts";
import type { Event } from "../words/event.ts";

export function nodesCordoned(
  state: EngineState,
  siteId: string,
  nodes: readonly number[],
  note: NodeNote,
): void {
  changeFlags(state, siteId, nodes, (flags, node, site) => {
    site.notes.set(node, { by: note.by, reason: note.reason });
    return flags | nodeCordoned;
  });
}

export function nodesUncordoned(
  state: EngineState,
  siteId: string,
  nodes: readonly number[],
): void {
  changeFlags(state, siteId, nodes, (flags, node, site) => {
    site.notes.delete(node);
    site.drains.delete(node);
    return flags & ~(nodeCordoned | nodeDraining);
  });
}

export function nodesDraining(
  state: EngineState,
  event: Extract<Event, { readonly kind: "nodes-draining" }>,
): void {
  changeFlags(state, event.site, event.nodes, (flags, node, site) => {
    site.drains.set(node, {
      deadlineMs: toNumber(event.deadline),
      thenDo: event.thenDo,
      by: event.by,
      reason: event.reason,
      isEnforced: false,
    });
    site.notes.set(node, { by: event.by, reason: event.reason });
    return flags | nodeDraining;
  });
}

export function drainEnforced(state: EngineState, siteId: string, nodes: readonly number[]): void {
  const site = known(state.sites.get(siteId), `site ${siteId}`);
  for (const node of nodes) {
    known(site.drains.get(node), "drain of a node").isEnforced = true;
  }
}

/** It no longer answers: no new attempts, and its bound stays where it is. One that was to wake did not. */
export function nodeLostSeen(state: EngineState, siteId: string, node: number): void {
  changeFlags(state, siteId, [node], (flags, _, { wakeAskedAtMs, unwoken }) => {
    if (wakeAskedAtMs.delete(node)) {
      unwoken.add(node);
    }
    return flags | nodeLost;
  });
}

/**
 * Idle nodes are switched off to save watts; until they are, they draw and take nothing. One that is woken is on with its
 * return: in older logs it did not follow where there was no room, and nobody asked for the node again.
 */
export function nodesAsleep(
  state: EngineState,
  siteId: string,
  nodes: readonly number[],
  isAsleep: boolean,
): void {
  changeFlags(state, siteId, nodes, (flags, node, { sleepAskedAtMs, wakeAskedAtMs, unwoken }) => {
    if (isAsleep) {
      sleepAskedAtMs.set(node, state.nowMs);
      wakeAskedAtMs.delete(node);
      return flags | nodeAsleep;
    }
    sleepAskedAtMs.delete(node);
    if ((flags & nodeOff) !== 0) {
      unwoken.add(node);
    }
    return flags & ~nodeAsleep;
  });
}

/**
 * Confirmed to draw nothing. Its attempts were released before. One that was lost is not asleep, though it was asked to be:
 * it is back when somebody says so.
 */
export function nodePoweredOff(state: EngineState, siteId: string, node: number): void {
  const site = known(state.sites.get(siteId), `site ${siteId}`);
  const idleWatts = isFallingAsleep(site, node) ? (site.horizons[0]?.nodeWatts[node] ?? 0) : 0;
  changeFlags(state, siteId, [node], (flags, _, { sleepAskedAtMs, wakeAskedAtMs, turnedAtMs }) => {
    sleepAskedAtMs.delete(node);
    wakeAskedAtMs.delete(node);
    turnedAtMs.set(node, state.nowMs);
    const isFenced = (flags & nodeLost) !== 0;
    return (isFenced ? flags & ~(nodeLost | nodeAsleep) : flags) | nodeOff;
  });
  fillPromisedRooms(site, node, idleWatts);
}

/** One that is lost may have drawn nothing for long: its watts are measured as gone already. */
function isFallingAsleep({ sleepAskedAtMs, nodeFlags }: SiteState, node: number): boolean {
  return sleepAskedAtMs.has(node) && ((nodeFlags[node] ?? 0) & nodeLost) === 0;
}

/** Back, with its idle watts in force; granted only when they fit. One that is only tried takes no work: it counts as lost. */
export function nodeReturned(
  state: EngineState,
  { site: siteId, node, wake }: Extract<Event, { readonly kind: "node-returned" }>,
): void {
  const site = known(state.sites.get(siteId), `site ${siteId}`);
  const wasOff = ((site.nodeFlags[node] ?? 0) & nodeOff) !== 0;
  changeFlags(state, siteId, [node], (flags, _, { turnedAtMs, wakeAskedAtMs, unwoken }) => {
    if (wasOff) {
      turnedAtMs.set(node, state.nowMs);
    }
    if (wake === undefined) {
      wakeAskedAtMs.delete(node);
    } else {
      wakeAskedAtMs.set(node, state.nowMs);
    }
    if (wake === "tried") {
      return (flags & ~nodeOff) | nodeLost;
    }
    unwoken.delete(node);
    return flags & ~(nodeLost | nodeOff);
  });
  // One that was lost had its bound all the time.
  if (wasOff) {
    assertWithinLimits(site, [node]);
  }
}

function changeFlags(
  state: EngineState,
  siteId: string,
  nodes: readonly number[],
  change: (flags: number, node: number, site: SiteState) => number,
): void {
  const site = known(state.sites.get(siteId), `site ${siteId}`);
  const wakesBefore = wakeMoments(site).join();
  for (const node of nodes) {
    const before = site.nodeFlags[node] ?? 0;
    const flags = change(before, node, site);
    site.nodeFlags[node] = flags;
    refreshNode(site, node);
    const reservation = site.reservationOfNode[node];
    if (reservation !== undefined && flags !== 0 && !isSwitchedOff(flags)) {
      // It cannot be kept on this node any more: the next pass plans anew.
      loseReservation(state, reservation);
    } else if (reservation !== undefined) {
      // What is off to save watts is woken in time for the start.
      reservation.nodesOffCount += Number(isSwitchedOff(flags)) - Number(isSwitchedOff(before));
    }
  }
  if (wakeMoments(site).join() !== wakesBefore) {
    refreshHorizons(site, state.nowMs);
  }
  state.releaseCount += 1;
}
