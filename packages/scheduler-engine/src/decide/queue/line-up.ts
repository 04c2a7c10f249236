import { toNumber } from "@ertis/quantities";
import { leastNeedsOf } from "../../placement/least-needs.ts";
import type { KeptCandidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible } from "../../state/job.ts";
import type { Shape } from "../../state/queue.ts";
import { findAccount } from "../../state/shares.ts";
import type { Deciding } from "../deciding.ts";
import { isBlockedForAll, isWithoutRoom, mayTakeFromOthers, setBlocked } from "./blocked.ts";
import { promiseAgain } from "./head.ts";
import { Line } from "./line.ts";
import { RoomNow } from "./room-now.ts";

/** Who is asked for in this pass; a full one first promises again what was lost. */
export function lineUp(deciding: Deciding, isFull: boolean): Line {
  const { state } = deciding;
  if (isFull) {
    promiseAgain(deciding);
  }
  const line = new Line(state);
  const fresh = state.queue.takeFresh();
  const room = new RoomNow(state);
  for (const shape of isFull ? state.queue.shapes() : fresh) {
    enqueue({ state, line, room }, shape);
  }
  if (isFull) {
    enqueuePromised(state, line);
  }
  return line;
}

/**
 * A job with a promised start is asked for itself: an older one of its shape that came back to the
 * queue may stand before it, and both would wait for each other for ever.
 */
function enqueuePromised(state: EngineState, line: Line): void {
  for (const site of state.sites.values()) {
    for (const reservation of site.pools.flatMap((pool) => pool.reservations)) {
      const job = state.jobs.get(reservation.job);
      const shape = job?.shape;
      if (job === undefined || shape === undefined || !isEligible(job)) {
        continue;
      }
      const account = findAccount(state.shares, job.owner, job.spec.project);
      if (shape.jobs.accountCount > 1 || shape.jobs.first(account) !== job) {
        line.add(shape, job, account);
      }
    }
  }
}

interface LiningUp {
  readonly state: EngineState;
  readonly line: Line;
  readonly room: RoomNow;
}

/** Puts the first startable job of a shape in line; jobs that are no longer eligible leave it. */
function enqueue(up: LiningUp, shape: Shape): void {
  const { state, line } = up;
  const known = shape.candidate;
  if (known?.needs.sitesVersion === state.sitesVersion) {
    enqueueOnly(up, known);
    return;
  }
  const { jobs } = shape;
  if (jobs.accountCount === 1) {
    const first = keptFirst(state, shape);
    if (first !== undefined) {
      enqueueOnly(up, first);
    }
  } else {
    const job = jobs.any();
    const isBlocked = job !== undefined && isBlockedForAll(state, shape, job);
    if (isBlocked) {
      line.offerReclaim(shape);
    } else {
      line.offer(shape);
    }
  }
  state.queue.removeIfEmpty(shape);
}

/** The first job of a shape of which one account has jobs, kept for the next pass. */
function keptFirst(state: EngineState, shape: Shape): KeptCandidate | undefined {
  const first = shape.jobs.firstOfOnly();
  if (first === undefined) {
    return undefined;
  }
  const { job, account } = first;
  const kept = {
    shape,
    job,
    account,
    number: job.number,
    walltimeMs: toNumber(job.spec.walltime),
    inClass: shape.priority,
    dueAtMs: Infinity,
    dueFromMs: job.dueAtMs,
    isOnly: true,
    isFirst: true,
    isPinned: false,
    isPoor: false,
    needs: leastNeedsOf(state, job),
  };
  shape.candidate = kept;
  return kept;
}

function enqueueOnly({ state, line, room }: LiningUp, one: KeptCandidate): void {
  const { shape, job, account } = one;
  const isPoor = room.isSurelyWithout(one) || isWithoutRoom(state, shape, job);
  if (isPoor && !mayTakeFromOthers(state, one, { mayReclaim: line.mayReclaim(account), room })) {
    setBlocked(state, one);
    return;
  }
  line.offerOnly(one, isPoor);
}
