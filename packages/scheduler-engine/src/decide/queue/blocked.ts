import { stopGraceMs } from "../../limits.ts";
import { toNumber } from "@ertis/quantities";
import { bends, mayFitBent } from "../../placement/bend.ts";
import { poolsOfShape } from "../../placement/capacity.ts";
import { answeringPools } from "../../placement/find.ts";
import { mayFitSite } from "../../placement/room.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { wantedIn } from "../../placement/wanted.ts";
import { maySleepersHelp } from "../../power/shedding/sleepers.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { type Shape, shortestWalltimeMs } from "../../state/queue.ts";
import { firstKeptMs, mayReserve, reservationIn } from "../../state/reservations.ts";
import type { Pool } from "../../state/site-state.ts";
import type { Line } from "./line.ts";
import { hasOpenGuarantee } from "./may-preempt.ts";
import { RoomNow } from "./room-now.ts";
import { maySqueeze } from "../caps/squeeze-hold.ts";

/** A moment of a pass. */
interface Moment {
  readonly state: EngineState;
  readonly line: Line;
  /** Where many are asked for at this moment. */
  readonly room?: RoomNow;
}

/** Since it was put in line this pass may have promised a start to another. */
export function isInVain(moment: Moment, one: Candidate): boolean {
  const { state, line } = moment;
  if (line.isKnownBlocked(one)) {
    return true;
  }
  const isBlocked = isSurelyBlocked(moment, one);
  if (isBlocked) {
    setBlocked(state, one);
  }
  return isBlocked;
}

/**
 * Who waits in vain from now on leaves the line at once when a start has been promised: that is nearly
 * everybody.
 *
 * @param beforeCount how many starts were promised when it was last asked
 * @returns how many are now
 */
export function dropOncePromised(state: EngineState, line: Line, beforeCount: number): number {
  const count = countPromised(state);
  if (count > beforeCount) {
    dropInVain(state, line);
  }
  return count;
}

export function dropInVain(state: EngineState, line: Line): void {
  const isNobodySqueezed = [...state.sites.values()].every((site) => !maySqueeze(state, site));
  const moment = { state, line, room: new RoomNow(state) };
  line.drop(
    (one) => (isNobodySqueezed && isLeftWithNothing(state, line, one)) || isInVain(moment, one),
  );
}

/** Nearly everybody, once nobody is squeezed any more: told apart without a look at the job. */
function isLeftWithNothing(state: EngineState, line: Line, one: Candidate): boolean {
  if (!line.isStillPoor(one) || line.mayReclaim(one.account)) {
    return false;
  }
  if (!line.isKnownBlocked(one)) {
    setBlocked(state, one);
  }
  return true;
}

/** Starts that are promised. */
export function countPromised(state: EngineState): number {
  let count = 0;
  for (const { pools } of state.sites.values()) {
    for (const { reservations } of pools) {
      count += reservations.length;
    }
  }
  return count;
}

/**
 * Most shapes of a long queue are told apart here, without a place in line: a whole site has too
 * few GPUs or watts for them, and another job has the reservation they would ask for. Should that
 * one be let go in this pass, the next pass asks again.
 */
function isSurelyBlocked({ state, line, room }: Moment, one: Candidate): boolean {
  const { shape, job, account } = one;
  return (
    !mayTakeFromOthers(state, one, { mayReclaim: line.mayReclaim(account), room }) &&
    (line.isStillPoor(one) ||
      room?.isSurelyWithout(one) === true ||
      isWithoutRoom(state, shape, job))
  );
}

/** Nor is or would a start be kept for it, nor do nodes sleep that could be woken: without a squeeze or a preemption it gets nothing in this pass. */
export function isWithoutRoom(state: EngineState, shape: Shape, job: Job): boolean {
  for (const pool of answeringPools(state, job)) {
    if (
      mayReserve(pool, job.number, shape.priority) ||
      reservationIn(pool, job.number) !== undefined ||
      mayFitSomehow(pool, job, state.nowMs) ||
      maySleepersHelp(state, pool, {
        nodeCount: job.spec.nodeCountMin,
        gpusPerNode: shape.gpusPerNode,
      })
    ) {
      return false;
    }
  }
  return true;
}

/** Caps may be lowered for it, or attempts stopped since it is owed a guarantee. */
export function mayTakeFromOthers(
  state: EngineState,
  one: Candidate,
  { mayReclaim, room }: { readonly mayReclaim: boolean; readonly room: RoomNow | undefined },
): boolean {
  const { shape, job } = one;
  return (
    (room?.maySqueeze(one) ?? maySqueezeSomewhere(state, shape, job)) ||
    (mayReclaim && hasOpenGuarantee(state, job))
  );
}

function maySqueezeSomewhere(state: EngineState, shape: Shape, job: Job): boolean {
  for (const pool of answeringPools(state, job)) {
    if (maySqueezeFor(state, pool, job, shape)) {
      return true;
    }
  }
  return false;
}

/** False when the site surely has no room for it: bent, if it bends, else whole. */
function mayFitSomehow(pool: Pool, job: Job, nowMs: number): boolean {
  return bends(job.spec) ? mayFitBent(pool, job, nowMs) : mayFitSite(wantedIn(pool, job, nowMs));
}

/** GPUs are free, so watts might be freed for them. */
function maySqueezeFor(state: EngineState, pool: Pool, job: Job, shape: Shape): boolean {
  const { nodeCount, gpusPerNode } = shape;
  return (
    maySqueeze(state, pool.site) &&
    // Mostly enough are free beside those that are kept, and nobody has to know how long it takes.
    (availableNodes({ pool, gpusPerNode, mayUseKept: false }, 0) >= nodeCount ||
      availableNodes(wantedIn(pool, job, state.nowMs), 0) >= nodeCount)
  );
}

/** The same of all accounts' jobs of a shape: the shortest and smallest of them has no room now. */
export function isBlockedForAll(state: EngineState, shape: Shape, { spec }: Job): boolean {
  for (const pool of poolsOfShape(state, shape)) {
    const { gpuCap } = pool;
    const capWatts = bends(spec) ? (gpuCap?.lowestWatts ?? 0) : 0;
    const holdsUntilMs =
      state.nowMs +
      stopGraceMs +
      Math.min(toNumber(spec.walltimeMin), shortestWalltimeMs(shape.walltimeStep));
    const least = {
      pool,
      nodeCount: spec.nodeCountMin,
      gpusPerNode: spec.gpusPerNode,
      capWatts,
      floorCapWatts: capWatts,
      holdsUntilMs: state.nowMs + 1,
      mayUseKept: holdsUntilMs <= firstKeptMs(pool, undefined),
    };
    if (
      pool.site.awaySinceMs === undefined &&
      (mayReserve(pool, undefined, shape.priority) ||
        mayFitSite(least) ||
        maySleepersHelp(state, pool, least) ||
        (availableNodes(least, 0) >= least.nodeCount && maySqueeze(state, pool.site)))
    ) {
      return false;
    }
  }
  return true;
}

export function setBlocked(
  { releaseCount }: EngineState,
  { shape, walltimeMs }: Pick<Candidate, "shape" | "walltimeMs">,
): void {
  shape.blockedAtRelease = releaseCount;
  shape.blockedWalltimeMs = walltimeMs;
}
