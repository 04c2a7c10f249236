import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import { visitAbove } from "../state/columns.ts";
import type { PromisedRoom, SiteState, StartRoom } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { ceilingWatts, isFelt } from "./recovery.ts";

/** Less than this part of a target more is not worth another look at the whole queue. */
const worthPart = 0.005;

/** What the steering leaves: for whoever comes, and for those who are promised a start. */
export interface LeftForStarts {
  /** Undefined: nothing is steered. Below 0: so much more counts already. */
  readonly roomWatts: number | undefined;
  readonly promised: readonly PromisedRoom[];
}

/**
 * While a planned curtailment is steered, its target is for measured draw, and bounds may be above it.
 * What the steering leaves for starts counts in bounds from what they are now: the ceiling for starts is
 * the load of now and that room. Where more counts already it is below the load: who joins others on a node that counts
 * its peak adds nothing to bounds, and draws more all the same.
 *
 * @returns whether there is so much more than before that the queue should be asked
 */
export function setStartRoom(
  site: SiteState,
  curtailment: Curtailment,
  { roomWatts, promised }: LeftForStarts,
  nowMs: number,
): boolean {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  if (roomWatts === undefined) {
    if (site.startRooms.delete(curtailment.id)) {
      setStartCeiling(site, domain, nowMs);
    }
    return false;
  }
  const loadScaled = loadOf(site, domain);
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const roomScaled = Math.max(roomWatts, leastWatts(site)) * scale;
  const offered = Math.min(site.startRooms.get(curtailment.id)?.offeredScaled ?? 0, roomScaled);
  const isWorthIt = roomScaled - offered > worthPart * toNumber(curtailment.target) * scale;
  const isMore = roomScaled >= 0 && (isWorthIt || offered < 0);
  site.startRooms.set(curtailment.id, {
    domain,
    loadScaled,
    ceilingScaled: loadScaled + roomScaled,
    offeredScaled: isMore ? roomScaled : offered,
    promised,
  });
  setStartCeiling(site, domain, nowMs);
  return isMore;
}

/** Elsewhere every start adds to bounds: a room of 0 keeps it out. */
function leastWatts({ pools }: SiteState): number {
  return pools.some(({ countsPeakInPart }) => countsPeakInPart) ? -Infinity : 0;
}

/**
 * After every event: what bounds fall by is no room for starts before a measurement has seen it. A cap
 * may fall by more than its job drew below it.
 */
export function settleStartRooms(site: SiteState, nowMs: number): void {
  for (const [id, room] of site.startRooms) {
    const loadScaled = loadOf(site, room.domain);
    if (loadScaled !== room.loadScaled) {
      const fall = Math.max(0, room.loadScaled - loadScaled);
      const settled: StartRoom = {
        ...room,
        loadScaled,
        ceilingScaled: room.ceilingScaled - fall,
      };
      site.startRooms.set(id, settled);
      setStartCeiling(site, room.domain, nowMs);
    }
  }
}

/**
 * A node was confirmed to draw nothing. Its watts are gone for sure, unlike those of a cap: promised starts have
 * what they miss of them at once, and need not wait for a measurement that may come after their moment.
 */
export function fillPromisedRooms(site: SiteState, node: number, idleWatts: number): void {
  visitAbove(site, node, idleWatts, (column, scaled) => {
    for (const [id, room] of site.startRooms) {
      let left = room.domain === column ? scaled : 0;
      const promised = room.promised.map((one) => {
        const given = Math.min(one.missingScaled, left);
        left -= given;
        const missingScaled = one.missingScaled - given;
        return { ...one, scaled: one.scaled + given, missingScaled };
      });
      site.startRooms.set(id, { ...room, promised });
    }
  });
}

/** Forgets those of curtailments that are over. With silent meters a target holds bounds anyway. */
export function dropStartRooms(site: SiteState, nowMs: number): void {
  for (const id of site.startRooms.keys()) {
    const curtailment = site.curtailments.find((one) => one.id === id);
    if (curtailment === undefined || toNumber(curtailment.end) <= nowMs) {
      site.startRooms.delete(id);
    }
  }
}

/** What starts must fit now: what bounds must not exceed, and the targets of planned curtailments. */
export function startCeilings(site: SiteState, nowMs: number): Float64Array {
  const ceiling = site.hardCeiling.slice();
  for (const { mode, domain: id } of site.curtailments) {
    const domain = site.domainIndexById.get(id);
    if (mode === "planned" && domain !== undefined) {
      ceiling[domain] = startCeilingOf(site, domain, nowMs);
    }
  }
  return ceiling;
}

function startCeilingOf(site: SiteState, domain: number, nowMs: number, job?: JobNumber): number {
  const { loadScale, usableWatts } = known(site.site.domains[domain], "domain");
  let most = site.hardCeiling[domain] ?? 0;
  for (const curtailment of site.curtailments) {
    const isHere = site.domainIndexById.get(curtailment.domain) === domain;
    const isOver = toNumber(curtailment.end) <= nowMs;
    const room = site.startRooms.get(curtailment.id);
    // Where it is measured seldom its caps fall before it begins: no measurement sees what starts then before its first minute is
    // over. What is promised for then is known to its steering.
    const isBegun = isFelt(curtailment, nowMs) || (room !== undefined && job === undefined);
    const isBinding = isBegun && !(isOver && job !== undefined);
    if (isHere && curtailment.mode === "planned" && isBinding) {
      // Where bounds fit the target draw does, whatever is expected.
      const atMs = Math.max(nowMs, toNumber(curtailment.start));
      const byBounds = ceilingWatts(curtailment, toNumber(usableWatts), atMs) * loadScale;
      const own = room?.promised.find((one) => one.job === job);
      // What adds nothing to bounds had nothing left for it, and comes as it was promised.
      const ownCeiling = job === undefined ? 0 : loadOf(site, domain) + (own?.scaled ?? 0);
      most = Math.min(most, Math.max(byBounds, room?.ceilingScaled ?? 0, ownCeiling));
    }
  }
  return most;
}

/** Sets what starts must fit in a domain now. @param job whose promised start is asked for, if one is */
export function setStartCeiling(
  site: SiteState,
  domain: number,
  nowMs: number,
  job?: JobNumber,
): void {
  const ceiling = site.horizons[0]?.ceiling;
  if (ceiling !== undefined) {
    ceiling[domain] = startCeilingOf(site, domain, nowMs, job);
  }
}

function loadOf(site: SiteState, domain: number): number {
  return site.horizons[0]?.load[domain] ?? 0;
}
