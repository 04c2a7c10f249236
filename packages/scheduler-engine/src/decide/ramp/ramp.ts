import { isRoomFor, nextStepAtMs } from "@ertis/power-planning";
import { startSettleMs, stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { canHoldOn } from "../../placement/search.ts";
import { placementOn, type Start, wantedUntil } from "../../placement/wanted.ts";
import { curveOf, floorCap, gangSpeed } from "../../power/shedding/curves.ts";
import {
  type ComingSteps,
  fitsRooms,
  ledgerWith,
  quietFromMs,
  type RampSteps,
  roomsAt,
  stepsOfStart,
} from "../../power/ramp/ramp-room.ts";
import { comingRises, stepsOfPromise, withinRamps } from "../../power/ramp/ramp-coming.ts";
import { endAt } from "../../power/shedding/work.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { reservationIn } from "../../state/reservations.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { Reservation, SiteState } from "../../state/site-state.ts";

/** What the ramps above its nodes say to a start. */
export type RampAnswer =
  /** As found, or lowered to its floor cap, from which it rises with the ramp. */
  | { readonly kind: "start"; readonly start: Start }
  | { readonly kind: "waits"; readonly wait: RampWait };

/** What a start waits for. */
export interface RampWait {
  readonly domain: number;
  /** What it adds there, and how much may be added now; scaled. */
  readonly scaled: number;
  readonly roomScaled: number;
  /** The first moment at which it may. */
  readonly atMs: number;
  /** It would fit, yet not beside a start that is promised to another. */
  readonly isForPromised: boolean;
}

/**
 * Asks the ramps for a start. Where the whole step does not fit now, a gang that tolerates it starts
 * at its floor cap. A step that is larger than a ramp ever allows at once, and cannot be made smaller,
 * is made when the domain is quiet: it is the least bad moment, and counts as unplanned. One that is promised for now
 * is made as soon as there is room for all that a ramp ever allows, which passes it by no more.
 * @param lowest the same gang at its floor cap, of who may be above the ceilings that others keep; absent: beside them
 */
export function askRamp(
  state: EngineState,
  job: Job,
  found: Start,
  lowest?: () => Start | undefined,
): RampAnswer {
  const { placement } = found;
  const ramps = state.ramps.get(placement.site);
  if (ramps === undefined) {
    return { kind: "start", start: found };
  }
  const site = known(state.sites.get(placement.site), "site of a placement");
  const now = { atMs: state.nowMs, settleMs: startSettleMs };
  const stepsOf = ({ placement: { nodes, capWatts } }: Start): RampSteps =>
    stepsOfStart(site, ramps, nodes, {
      gpusPerNode: job.spec.gpusPerNode,
      capWatts,
      floorCapWatts: 0,
    });
  const promised = reservationOf(state, job);
  const kept = promised?.pool.site === site ? promised : undefined;
  const dueBy = (steps: RampSteps): number =>
    dueMs(state, kept, steps, (promise) => stepsOfPromise(site, ramps, promise));
  const comingBeside = (steps: RampSteps): readonly ComingSteps[] =>
    comingRises(state, site, ramps, { job: job.number, beforeMs: dueBy(steps) });
  // Others leave a promised start no more than a ramp allows at once.
  const asked = (steps: RampSteps): RampSteps =>
    dueBy(steps) < Infinity ? withinRamps(ramps, steps) : steps;
  const fits = (steps: RampSteps): boolean =>
    fitsRooms(roomsAt(ramps, now, comingBeside(steps)), asked(steps));
  const steps = stepsOf(found);
  if (fits(steps)) {
    return { kind: "start", start: found };
  }
  const floored = lowest === undefined ? atFloor(state, site, job, found) : lowest();
  const staged = asPromised(state, promised, floored);
  const least = staged === undefined ? steps : stepsOf(staged);
  if (staged !== undefined && fits(least)) {
    return { kind: "start", start: staged };
  }
  const wait = waitOf(state, ramps, asked(least), comingBeside(least));
  return wait === undefined ? { kind: "start", start: staged ?? found } : { kind: "waits", wait };
}

/**
 * Since when a promised start is due that adds no more than was promised: it waits for none that is promised for
 * later. Of two that wait for each other neither would ever start.
 */
function dueMs(
  { nowMs }: EngineState,
  kept: Reservation | undefined,
  steps: RampSteps,
  promisedOf: (kept: Reservation) => RampSteps,
): number {
  if (kept === undefined || kept.startAtMs > nowMs) {
    return Infinity;
  }
  const promised = promisedOf(kept);
  const isAsPromised = [...steps].every(([domain, scaled]) =>
    isRoomFor({ upWatts: promised.get(domain) ?? 0, downWatts: 0 }, scaled),
  );
  return isAsPromised ? kept.startAtMs : Infinity;
}

/** The same gang at the lowest cap that it tolerates, where it can stay so long there. */
function atFloor(
  state: EngineState,
  site: SiteState,
  job: Job,
  { placement, workMs }: Start,
): Start | undefined {
  const { nodes } = placement;
  const pool = site.nodePool[nodes[0] ?? -1];
  const floor = pool === undefined ? 0 : floorCap(pool, job.spec);
  if (pool === undefined || floor === 0 || floor === placement.capWatts) {
    return undefined;
  }
  const gang = { capWatts: floor, nodeCount: nodes.length };
  const curve = curveOf(pool, job.spec.workloadClass);
  const endsByMs = endAt(state.nowMs, workMs, gangSpeed(curve, gang, job.spec.nodeCount));
  const wanted = { ...wantedUntil(pool, job, endsByMs), ...gang };
  return canHoldOn(wanted, nodes)
    ? { placement: placementOn(wanted, nodes), endsByMs, workMs }
    : undefined;
}

/**
 * Before its moment, and at another site, a promised start is no reason to be done later than promised: there it waits for
 * its whole step.
 */
function asPromised(
  { nowMs }: EngineState,
  promised: Reservation | undefined,
  staged: Start | undefined,
): Start | undefined {
  if (promised === undefined || staged === undefined) {
    return staged;
  }
  const { startAtMs, holdsUntilMs, pool } = promised;
  const isDue = startAtMs <= nowMs && staged.placement.site === pool.site.site.id;
  return isDue || staged.endsByMs <= holdsUntilMs - stopGraceMs ? staged : undefined;
}

/** The domain that allows the steps last; undefined: the steps are made now, for no better moment comes. */
function waitOf(
  state: EngineState,
  ramps: SiteRamps,
  steps: RampSteps,
  coming: readonly ComingSteps[],
): RampWait | undefined {
  let latest: RampWait | undefined;
  const now = { atMs: state.nowMs, settleMs: startSettleMs };
  const without = roomsAt(ramps, now, []);
  const rooms = roomsAt(ramps, now, coming);
  for (const [domain, scaled] of steps) {
    const ledger = ledgerWith(ramps, domain, coming);
    const one = new Map([[domain, scaled]]);
    if (ledger === undefined || fitsRooms(rooms, one)) {
      continue;
    }
    const isForPromised = fitsRooms(without, one);
    const quietMs = quietFromMs(ledger, scaled);
    const atMs =
      nextStepAtMs(ledger, { watts: scaled, settleMs: startSettleMs }, state.nowMs) ??
      Math.max(state.nowMs, quietMs);
    if (atMs > (latest?.atMs ?? state.nowMs)) {
      const roomScaled = rooms.get(domain)?.upWatts ?? 0;
      latest = { domain, scaled, roomScaled, atMs, isForPromised };
    }
  }
  return latest;
}

/**
 * The start that may be made now, or undefined: it waits. The first that has to wait makes everybody
 * else of the site wait: smaller ones would take its room again and again. Only who is promised a
 * start that is due passes by.
 */
export function startWithinRamp(state: EngineState, job: Job, found: Start): Start | undefined {
  const ramps = state.ramps.get(found.placement.site);
  if (ramps === undefined) {
    return found;
  }
  const isPromised = isPromisedNow(state, job, found.placement.site);
  if (state.nowMs < ramps.waitUntilMs && ramps.waiter !== job.number && !isPromised) {
    return undefined;
  }
  const answer = askRamp(state, job, found);
  if (answer.kind === "start") {
    return answer.start;
  }
  const { wait } = answer;
  if (!wait.isForPromised) {
    ramps.waitUntilMs = wait.atMs;
    ramps.waiter = job.number;
  }
  return undefined;
}

/** Nobody waits behind who has started, at no site. */
export function waitNoMore({ ramps }: EngineState, job: Job): void {
  for (const one of ramps.values()) {
    one.waitUntilMs = one.waiter === job.number ? 0 : one.waitUntilMs;
  }
}

function isPromisedNow(state: EngineState, job: Job, site: string): boolean {
  return (state.sites.get(site)?.pools ?? []).some(
    (pool) => (reservationIn(pool, job.number)?.startAtMs ?? Infinity) <= state.nowMs + stopGraceMs,
  );
}

/** When a pass may find starts again that a ramp held up, or a tick caps; Infinity: nothing is. */
export function nextRampMs(state: EngineState): number {
  let next = Infinity;
  for (const { waitUntilMs, capsAtMs, endsAtMs, nodesAtMs } of state.ramps.values()) {
    const startsAtMs = waitUntilMs > state.nowMs ? waitUntilMs : Infinity;
    next = Math.min(next, startsAtMs, capsAtMs, endsAtMs, nodesAtMs);
  }
  return next;
}
